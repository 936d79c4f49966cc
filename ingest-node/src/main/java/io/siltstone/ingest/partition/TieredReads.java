package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Port: reads of what lies in the bucket. Stages complete on any thread. */
public interface TieredReads {

    /**
     * Reads whole batches from the one that holds the offset on.
     *
     * @param manifest the root that the partition's znode names
     * @param offset below the manifest's end
     * @param maxBytes exceeded by the first batch alone
     * @return buffers that belong to the receiver, in order and without a gap
     */
    CompletionStage<List<ByteBuf>> read(PartitionId partition, ManifestPointer manifest, long offset, int maxBytes);

    /**
     * The first record at or after the timestamp among those at or above the offset.
     *
     * @return null where the bucket has none
     */
    CompletionStage<@Nullable OffsetAndTime> findTime(
            PartitionId partition, ManifestPointer manifest, long timestampMs, long fromOffset);

    /** The first record that bears the greatest timestamp; null where the bucket is empty. */
    CompletionStage<@Nullable OffsetAndTime> greatestTime(PartitionId partition, ManifestPointer manifest);

    /**
     * The first offset that an epoch above the given one wrote, and the greatest epoch up to the given one.
     *
     * @return null where the bucket has nothing of a later epoch
     */
    CompletionStage<@Nullable EpochEnd> endOfEpoch(PartitionId partition, ManifestPointer manifest, int epoch);

    /** A record's place and time. */
    record OffsetAndTime(long offset, long timestampMs) {}

    /**
     * Where an epoch ends.
     *
     * @param epoch the greatest one that wrote up to the one asked for; -1 where none did
     */
    record EpochEnd(int epoch, long endOffset) {}
}
