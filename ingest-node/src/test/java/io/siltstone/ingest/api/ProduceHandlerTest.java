package io.siltstone.ingest.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.siltstone.ingest.cluster.OwningNode;
import io.siltstone.ingest.connection.ConnectionEnd;
import io.siltstone.ingest.connection.ReceivedRequests;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.quota.ProduceQuota;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.DiskRoom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProduceHandlerTest {

    private static final short VERSION = 9;
    private static final int TIMEOUT_MS = 30_000;

    private final OwningNode node = new OwningNode();
    private final QuotaTimers timers = new QuotaTimers();
    private final ProduceQuota quota =
            ProduceQuota.start(node.cluster(), () -> 2, () -> 0, timers, new SimpleMeterRegistry());
    private volatile boolean givenUp;
    private final ConnectionEnd end = new ConnectionEnd(() -> givenUp = true);
    private final ProduceHandler handler = new ProduceHandler(node.partitions(), node.cluster(), quota);

    @BeforeEach
    void letRequestsWaitForTheirTurn() {
        node.cluster().diskRoom(new DiskRoom(0, 1 << 20));
        timers.run();
    }

    @AfterEach
    void stop() {
        quota.close();
        node.close();
    }

    @Test
    void requestWithoutAcknowledgementThatWaitedLongerThanItsTimeoutIsStillAppended() {
        // given
        Partition partition = node.open("orders");
        timers.behindMs = 2 * TIMEOUT_MS;
        CompletableFuture<AbstractResponse> answer = produce("orders", 0);
        timers.behindMs = 0;

        // when
        node.disksFull(true);
        letThemBegin();
        node.call(() -> {
            partition.tick(node.nowMs(), Long.MIN_VALUE);
            return true;
        });
        node.disksFull(false);

        // then
        assertThat(answer.orTimeout(20, TimeUnit.SECONDS).join()).isNull();
        assertThat(node.call(partition::highWatermark)).isEqualTo(1);
    }

    @Test
    void requestWithoutAcknowledgementIsAppendedThoughItsClientHasLeft() {
        // given
        Partition partition = node.open("orders");
        CompletableFuture<AbstractResponse> answer = produce("orders", 0);

        // when
        end.end();
        letThemBegin();

        // then
        assertThat(answer.orTimeout(20, TimeUnit.SECONDS).join()).isNull();
        assertThat(node.call(partition::highWatermark)).isEqualTo(1);
    }

    @Test
    void requestSeesTheClusterAsItIsWhenItsTurnComes() {
        // given
        CompletableFuture<AbstractResponse> answer = produce("later", -1);
        node.open("later");

        // when
        letThemBegin();

        // then
        assertThat(answer.orTimeout(20, TimeUnit.SECONDS).join().errorCounts()).containsOnlyKeys(Errors.NONE);
    }

    @Test
    void nothingOfAConnectionIsAppendedAfterARequestOfItWasLate() {
        // given
        Partition partition = node.open("orders");
        timers.behindMs = 2 * TIMEOUT_MS;
        CompletableFuture<AbstractResponse> late = produce("orders", -1);
        timers.behindMs = 0;
        timers.run();
        assertThat(late).failsWithin(20, TimeUnit.SECONDS);

        // when
        letThemBegin();
        CompletableFuture<AbstractResponse> next = produce("orders", -1);

        // then
        assertThat(next).failsWithin(20, TimeUnit.SECONDS);
        assertThat(node.call(partition::endOffset)).isZero();
        assertThat(givenUp).isTrue();
    }

    @Test
    void nothingOfAConnectionIsAppendedAfterARequestOfItWaitedInVainForRoom() {
        // given
        Partition partition = node.open("orders");
        letThemBegin();
        node.disksFull(true);
        CompletableFuture<AbstractResponse> late = produce("orders", -1);
        node.call(() -> {
            partition.tick(node.nowMs() + 2 * TIMEOUT_MS, Long.MIN_VALUE);
            return true;
        });
        assertThat(late.orTimeout(20, TimeUnit.SECONDS).join().errorCounts())
                .containsOnlyKeys(Errors.REQUEST_TIMED_OUT);

        // when
        node.disksFull(false);
        CompletableFuture<AbstractResponse> next = produce("orders", -1);

        // then
        assertThat(next).failsWithin(20, TimeUnit.SECONDS);
        assertThat(node.call(partition::endOffset)).isZero();
        assertThat(givenUp).isTrue();
    }

    private void letThemBegin() {
        node.cluster().diskRoom(DiskRoom.UNKNOWN);
        timers.run();
    }

    private CompletableFuture<AbstractResponse> produce(String topic, int acks) {
        MemoryRecords records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_000, "value".getBytes(UTF_8)));
        ProduceRequestData data = new ProduceRequestData().setAcks((short) acks).setTimeoutMs(TIMEOUT_MS);
        data.topicData()
                .add(new ProduceRequestData.TopicProduceData()
                        .setName(topic)
                        .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                                .setIndex(0)
                                .setRecords(records))));
        ProduceRequest request = new ProduceRequest.Builder(VERSION, VERSION, data).build(VERSION);
        CompletableFuture<AbstractResponse> answer = new CompletableFuture<>();
        handler.handle(ReceivedRequests.receive(request, node.loop(), end)).whenComplete((response, failure) -> {
            if (failure == null) {
                answer.complete(response);
            } else {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    /** The partitions' clock, or one that is behind it; what is scheduled runs when the test says so. */
    private final class QuotaTimers implements Timers {

        private final List<Runnable> scheduled = new ArrayList<>();
        private volatile long behindMs;

        @Override
        public long nowMs() {
            return node.nowMs() - behindMs;
        }

        @Override
        public long wallClockMs() {
            return nowMs();
        }

        @Override
        public Timer schedule(long delayMs, Runnable action) {
            scheduled.add(action);
            return () -> scheduled.remove(action);
        }

        void run() {
            List<Runnable> due = List.copyOf(scheduled);
            scheduled.clear();
            due.forEach(Runnable::run);
        }
    }
}
