package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.siltstone.log.snapshot.proto.PartitionSnapshot;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.junit.jupiter.api.Test;

class ProducerStatesTest {

    private static final long PRODUCER = 7;
    /** Records of long ago: their age must not matter. */
    private static final long IN_2001 = 1_000_000_000_000L;

    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final PartitionMetrics metrics = new PartitionMetrics(registry);
    private final ProducerStates states = remembering(100);

    @Test
    void takesBatchesInSequence() {
        append(0, batch(0, 0, 0));
        append(0, batch(0, 1, 1));

        assertThat(states.judge(batch(0, 2, 2))).isEmpty();
    }

    @Test
    void refusesAGapInTheSequence() {
        append(0, batch(0, 0, 0));

        assertThatThrownBy(() -> states.judge(batch(0, 2, 1))).isInstanceOf(OutOfOrderSequenceException.class);
    }

    @Test
    void recognisesEachOfTheLastFiveBatchesAndNoOlderOne() {
        for (int i = 0; i < 6; i++) {
            append(0, batch(0, i, i));
        }

        for (int i = 1; i < 6; i++) {
            assertThat(states.judge(batch(0, i, 100)).orElseThrow().baseOffset())
                    .isEqualTo(i);
        }
        assertThatThrownBy(() -> states.judge(batch(0, 0, 100))).isInstanceOf(OutOfOrderSequenceException.class);
    }

    @Test
    void fencesAnOlderEpochAndStartsALaterOneAtZero() {
        append(0, batch(1, 0, 0));

        assertThatThrownBy(() -> states.judge(batch(0, 1, 1))).isInstanceOf(InvalidProducerEpochException.class);
        assertThatThrownBy(() -> states.judge(batch(2, 5, 1))).isInstanceOf(OutOfOrderSequenceException.class);
        assertThat(states.judge(batch(2, 0, 1))).isEmpty();
    }

    @Test
    void unknownProducerMayStartAnywhere() {
        assertThat(states.judge(batch(0, 41, 0))).isEmpty();
    }

    @Test
    void sequenceWrapsAround() {
        append(0, batch(0, Integer.MAX_VALUE, 0));

        assertThat(states.judge(batch(0, 0, 1))).isEmpty();
    }

    @Test
    void snapshotOfTheConfirmedStateLeavesOutWhatIsNotConfirmed() {
        ProducerStates.Update first = Objects.requireNonNull(states.append(batch(0, 0, 0), 0));
        append(0, batch(0, 1, 1));
        states.confirm(first);

        ProducerStates confirmed = remembering(100);
        confirmed.restore(ByteBuffer.wrap(states.encodeConfirmed(1)));
        ProducerStates appended = remembering(100);
        appended.restore(ByteBuffer.wrap(states.encodeAppended(2)));

        assertThat(confirmed.judge(batch(0, 1, 9))).isEmpty();
        assertThat(appended.judge(batch(0, 1, 9)).orElseThrow().baseOffset()).isEqualTo(1);
    }

    @Test
    void expiresByTheTimeOfTheAppendNotOfTheRecords() {
        confirm(5_000, batch(0, 0, 0));

        states.expire(5_000);
        assertThat(states.size()).isEqualTo(1);
        states.expire(5_001);
        assertThat(states.size()).isZero();
    }

    @Test
    void expiresWhileBatchesOfOthersAreNotConfirmed() {
        confirm(1_000, batchOf(1, 0));
        append(9_000, batchOf(2, 1));

        states.expire(5_000);

        assertThat(states.judge(batchOf(1, 0))).isEmpty();
        assertThat(states.judge(batchOf(2, 1))).isPresent();
        assertThat(restored(states.encodeConfirmed(1)).size()).isZero();
    }

    @Test
    void aProducerWhoseBatchIsNotConfirmedDoesNotExpire() {
        ProducerStates.Update first = Objects.requireNonNull(states.append(batchOf(1, 0), 1_000));

        states.expire(5_000);
        int whileUnconfirmed = states.size();
        states.confirm(first);
        states.expire(5_000);

        assertThat(whileUnconfirmed).isEqualTo(1);
        assertThat(states.size()).isZero();
        assertThat(restored(states.encodeConfirmed(1)).size()).isZero();
    }

    @Test
    void aProducerThatGoesOnDoesNotExpire() {
        confirm(1_000, batchOf(1, 0));
        confirm(2_000, batchOf(2, 1));
        confirm(9_000, batch(1, 0, 1, 2));

        states.expire(5_000);

        assertThat(states.judge(batch(1, 0, 1, 2))).isPresent();
        assertThat(states.judge(batchOf(2, 1))).isEmpty();
        assertThat(forgottenEarly()).isZero();
    }

    @Test
    void pastTheirNumberWhoAppendedLeastLatelyIsForgotten() {
        ProducerStates few = remembering(2);
        confirm(few, 1_000, batchOf(1, 0));
        confirm(few, 2_000, batchOf(2, 1));
        confirm(few, 3_000, batch(1, 0, 1, 2));

        confirm(few, 4_000, batchOf(3, 3));

        assertThat(few.size()).isEqualTo(2);
        assertThat(few.judge(batchOf(2, 1))).isEmpty();
        assertThat(few.judge(batch(1, 0, 1, 2))).isPresent();
        assertThat(forgottenEarly()).isEqualTo(1);
    }

    @Test
    void aSnapshotOfMoreThanTheirNumberIsCutToIt() {
        confirm(1_000, batchOf(1, 0));
        confirm(2_000, batchOf(2, 1));
        confirm(3_000, batchOf(3, 2));

        ProducerStates few = remembering(2);
        few.restore(ByteBuffer.wrap(states.encodeConfirmed(3)));

        assertThat(few.size()).isEqualTo(2);
        assertThat(few.judge(batchOf(1, 0))).isEmpty();
        assertThat(forgottenEarly()).isEqualTo(1);
    }

    @Test
    void refusesASnapshotOfAnotherFormat() {
        byte[] later = PartitionSnapshot.newBuilder().setFormat(99).build().toByteArray();

        assertThatThrownBy(() -> states.restore(ByteBuffer.wrap(later)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("99");
    }

    private void append(long appendMs, RecordBatch batch) {
        states.append(batch, appendMs);
    }

    private void confirm(long appendMs, RecordBatch batch) {
        confirm(states, appendMs, batch);
    }

    private static void confirm(ProducerStates states, long appendMs, RecordBatch batch) {
        states.confirm(Objects.requireNonNull(states.append(batch, appendMs)));
    }

    private ProducerStates remembering(int mostProducers) {
        return new ProducerStates(mostProducers, metrics::forgotProducer);
    }

    private double forgottenEarly() {
        return registry.get("siltstone.ingest.producers.forgotten").counter().count();
    }

    private ProducerStates restored(byte[] snapshot) {
        ProducerStates restored = remembering(100);
        restored.restore(ByteBuffer.wrap(snapshot));
        return restored;
    }

    private static RecordBatch batch(int epoch, int sequence, long offset) {
        return batch(PRODUCER, epoch, sequence, offset);
    }

    private static RecordBatch batchOf(long producer, long offset) {
        return batch(producer, 0, 0, offset);
    }

    private static RecordBatch batch(long producer, int epoch, int sequence, long offset) {
        return MemoryRecords.withIdempotentRecords(
                        RecordBatch.CURRENT_MAGIC_VALUE,
                        offset,
                        Compression.NONE,
                        producer,
                        (short) epoch,
                        sequence,
                        RecordBatch.NO_PARTITION_LEADER_EPOCH,
                        new SimpleRecord(IN_2001, "value".getBytes(StandardCharsets.UTF_8)))
                .batches()
                .iterator()
                .next();
    }
}
