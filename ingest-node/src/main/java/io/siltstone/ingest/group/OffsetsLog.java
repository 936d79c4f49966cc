package io.siltstone.ingest.group;

import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * One tenure of this node over one partition of {@code __consumer_offsets}: from its opening to its resignation. After
 * that every call fails or answers "no", for good; the next tenure is another object with a higher epoch. Called by the
 * coordinator's threads, never by an event loop.
 */
public interface OffsetsLog {

    int partition();

    /** Kafka's leader epoch of this tenure. */
    int epoch();

    /** The first offset that may be read. */
    long startOffset();

    /** The offset after the last record appended. */
    long endOffset();

    /** Everything below is acknowledged by the ack quorum. */
    long highWatermark();

    /** The topic's settings in force, among them the greatest batch that {@link #append} takes. */
    LogConfig config();

    /**
     * Appends a copy of one record batch. Returns before it is durable, which the high watermark tells later.
     *
     * @return the offset after its last record
     * @throws org.apache.kafka.common.errors.NotLeaderOrFollowerException if the tenure is over
     * @throws org.apache.kafka.common.errors.NotEnoughReplicasException if it cannot be taken now
     */
    long append(MemoryRecords batch);

    /**
     * Reads whole batches from the one that holds the offset on, below the high watermark; empty at the high watermark.
     * Fails with {@code NotLeaderOrFollowerException} if the tenure is over, with another retriable exception if the read
     * may be repeated.
     *
     * @param maxBytes exceeded by the first batch alone
     */
    CompletionStage<MemoryRecords> read(long offset, int maxBytes);

    /** Rule 5: true once an ack quorum answered "unfenced" to a question put after this call; false if the tenure is over. */
    CompletionStage<Boolean> confirmOwnership();

    /** Calls the listener with each new high watermark of this tenure, and at once with the present one. */
    void addHighWatermarkListener(LongConsumer listener);

    void removeHighWatermarkListener(LongConsumer listener);
}
