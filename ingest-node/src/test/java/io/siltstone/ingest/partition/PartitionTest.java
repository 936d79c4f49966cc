package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.ingest.cluster.Await;
import io.siltstone.ingest.cluster.OwningNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionTest {

    private final OwningNode node = new OwningNode();

    @AfterEach
    void stop() {
        node.close();
    }

    @Test
    void anAppendThatCannotBeSentIsAnsweredWithAnErrorAndEndsTheTenure() {
        // given
        Partition partition = node.open("orders");
        assertThat(node.append(partition, records("taken")).join()).isZero();
        node.disks().breakDown();

        // when
        CompletableFuture<Long> answer = node.append(partition, records("not taken"));

        // then
        assertThatThrownBy(answer::join).hasCauseInstanceOf(KafkaStorageException.class);
        Await.until("the tenure is over", () -> node.call(partition::isOver));
    }

    @Test
    void tenureWhoseFirstAppendBreaksHasBegunBeforeItEnds() {
        // given
        node.disks().breakDown();
        Answer answer = new Answer();

        // when
        node.appendDuringTakeover("orders", records("waits for the takeover"), answer);

        // then
        assertThatThrownBy(answer::join).hasCauseInstanceOf(KafkaStorageException.class);
        assertThat(node.call(() -> List.copyOf(node.tenures()))).containsExactly("opened", "over");
    }

    @Test
    void appendsWaitInOrderWhileTheDisksAreFull() {
        // given
        Partition partition = node.open("orders");
        node.disksFull(true);

        // when
        CompletableFuture<Long> first = node.append(partition, records("first"));
        CompletableFuture<Long> second = node.append(partition, records("second"));
        assertThat(node.call(partition::isOpen)).isTrue();
        assertThat(first).isNotDone();
        node.disksFull(false);

        // then
        assertThat(first.join()).isZero();
        assertThat(second.join()).isEqualTo(1);
    }

    @Test
    void idleProducersAreForgottenWhileOthersWaitForTheirAcknowledgement() {
        // given
        Partition partition = node.open("orders");
        node.append(partition, records(1, 0)).join();
        node.disks().fallSilent();
        CompletableFuture<Long> unacknowledged = node.append(partition, records(2, 0));

        // when
        node.call(() -> {
            partition.tick(0, Long.MAX_VALUE);
            return true;
        });
        CompletableFuture<Long> outOfSequence = node.append(partition, records(1, 7));

        // then
        assertThat(node.call(partition::endOffset)).isEqualTo(3);
        assertThat(outOfSequence).isNotDone();
        assertThat(unacknowledged).isNotDone();
    }

    @Test
    void partitionThatCannotBeLookedAfterStopsNoOther() {
        // given
        Partition broken = node.open("broken");
        Partition orders = node.open("orders");
        node.disksFull(true);
        Answer poison = new Answer() {
            @Override
            public void failed(RuntimeException why) {
                super.failed(why);
                throw new IllegalStateException("broken as the test wants it");
            }
        };
        node.append(broken, records("poison"), node.nowMs(), poison);
        Await.until("the ticker met the broken partition", poison.done::isDone);

        // when
        Answer late = new Answer();
        node.append(orders, records("late"), node.nowMs(), late);

        // then
        assertThatThrownBy(late::join).hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void lateAppendTakesWithItTheLaterOnesOfItsProducerAlone() {
        // given
        Partition partition = node.open("orders");
        node.disksFull(true);
        Answer first = new Answer();
        Answer second = new Answer();
        Answer ofAnother = new Answer();
        Answer ofNobody = new Answer();
        node.append(partition, records("late"), node.nowMs(), new Answer());
        node.append(partition, records(1, 0), node.nowMs(), first);
        node.append(partition, records(2, 0), Long.MAX_VALUE, ofAnother);
        node.append(partition, records(1, 1), Long.MAX_VALUE, second);
        node.append(partition, records("patient"), Long.MAX_VALUE, ofNobody);
        tick(partition, node.nowMs());

        // when
        node.disksFull(false);
        CompletableFuture<Long> repetition = node.append(partition, records(1, 0));

        // then
        assertThatThrownBy(first::join).hasCauseInstanceOf(TimeoutException.class);
        assertThatThrownBy(second::join).hasCauseInstanceOf(TimeoutException.class);
        assertThat(ofAnother.join()).isZero();
        assertThat(ofNobody.join()).isEqualTo(1);
        assertThat(repetition.join()).isEqualTo(2);
    }

    @Test
    void appendsOfClientsThatAreGoneAreGivenUp() {
        // given
        Partition partition = node.open("orders");
        node.disksFull(true);
        Answer gone = new Answer() {
            @Override
            public boolean isPointless() {
                return true;
            }
        };
        Answer there = new Answer();
        node.append(partition, records(1, 0), Long.MAX_VALUE, gone);
        node.append(partition, records(1, 0), Long.MAX_VALUE, there);

        // when
        tick(partition, node.nowMs());

        // then
        assertThatThrownBy(gone::join).hasCauseInstanceOf(TimeoutException.class);
        assertThat(there.done).isNotDone();
    }

    @Test
    void appendWaitsForRoomAMinuteAtMost() {
        // given
        Partition partition = node.open("orders");
        node.disksFull(true);
        Answer patient = new Answer();
        node.append(partition, records("patient"), Long.MAX_VALUE, patient);

        // when
        tick(partition, node.nowMs() + 30_000);
        boolean givenUpEarly = patient.done.isDone();
        tick(partition, node.nowMs() + 60_000);

        // then
        assertThat(givenUpEarly).isFalse();
        assertThatThrownBy(patient::join).hasCauseInstanceOf(TimeoutException.class);
    }

    private void tick(Partition partition, long nowMs) {
        node.call(() -> {
            partition.tick(nowMs, Long.MIN_VALUE);
            return true;
        });
    }

    /** What became of one append. */
    private static class Answer implements AppendCallback {

        private final CompletableFuture<Long> done = new CompletableFuture<>();

        @Override
        public void appended(long baseOffset, long logAppendTimeMs, long logStartOffset) {
            done.complete(baseOffset);
        }

        @Override
        public void failed(RuntimeException why) {
            done.completeExceptionally(why);
        }

        Long join() {
            return done.orTimeout(20, TimeUnit.SECONDS).join();
        }
    }

    private static MemoryRecords records(long producer, int sequence) {
        return MemoryRecords.withIdempotentRecords(
                Compression.NONE,
                producer,
                (short) 0,
                sequence,
                new SimpleRecord(1_000, "value".getBytes(StandardCharsets.UTF_8)));
    }

    private static MemoryRecords records(String value) {
        return MemoryRecords.withRecords(
                Compression.NONE, new SimpleRecord(1_000, value.getBytes(StandardCharsets.UTF_8)));
    }
}
