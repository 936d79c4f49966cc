package io.siltstone.ingest.kafka;

import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.requests.TransactionResult;
import org.apache.kafka.coordinator.common.runtime.CoordinatorPlayback;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.Deserializer.UnknownRecordTypeException;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Feeds batches of an offsets partition into the coordinator, in order. Confined to one load. */
final class OffsetsReplay {

    private static final Logger LOG = LoggerFactory.getLogger(OffsetsReplay.class);
    /** How many offsets may pass before older versions of the coordinator's state are let go. */
    private static final long COMMIT_INTERVAL_OFFSETS = 16_384;

    private final TopicPartition partition;
    private final CoordinatorPlayback<CoordinatorRecord> playback;
    private final GroupCoordinatorRecordSerde serde = new GroupCoordinatorRecordSerde();
    private long committed = -1;
    private long records;
    private long bytes;

    OffsetsReplay(TopicPartition partition, CoordinatorPlayback<CoordinatorRecord> playback) {
        this.partition = partition;
        this.playback = playback;
    }

    long records() {
        return records;
    }

    long bytes() {
        return bytes;
    }

    /** Returns the offset after the last batch; -1 if there is none. */
    long replay(MemoryRecords batches) {
        long next = -1;
        for (MutableRecordBatch batch : batches.batches()) {
            if (batch.isControlBatch()) {
                replayMarkers(batch);
            } else {
                replayRecords(batch);
            }
            next = batch.nextOffset();
            if (next - committed >= COMMIT_INTERVAL_OFFSETS) {
                commit(next);
            }
        }
        bytes += batches.sizeInBytes();
        return next;
    }

    /** All of the log up to the offset was replayed, and is durable. */
    void finish(long end) {
        if (end > 0 && end != committed) {
            commit(end);
        }
    }

    private void commit(long offset) {
        playback.updateLastWrittenOffset(offset);
        playback.updateLastCommittedOffset(offset);
        committed = offset;
    }

    private void replayRecords(MutableRecordBatch batch) {
        for (Record record : batch) {
            records++;
            deserialize(record)
                    .ifPresent(value ->
                            playback.replay(record.offset(), batch.producerId(), batch.producerEpoch(), value));
        }
    }

    private Optional<CoordinatorRecord> deserialize(Record record) {
        try {
            return Optional.ofNullable(serde.deserialize(record.key(), record.value()));
        } catch (UnknownRecordTypeException e) {
            LOG.warn(
                    "{} holds a record of unknown type {} at offset {}; passed over",
                    partition,
                    e.unknownType(),
                    record.offset());
            return Optional.empty();
        }
    }

    private void replayMarkers(MutableRecordBatch batch) {
        for (Record record : batch) {
            records++;
            ControlRecordType type = ControlRecordType.parse(record.key());
            if (type == ControlRecordType.COMMIT || type == ControlRecordType.ABORT) {
                playback.replayEndTransactionMarker(
                        batch.producerId(),
                        batch.producerEpoch(),
                        type == ControlRecordType.COMMIT ? TransactionResult.COMMIT : TransactionResult.ABORT);
            }
        }
    }
}
