package io.siltstone.tiering.upload;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import java.util.function.Consumer;

/** Port: tells a storage disk what the znode says already, that it may drop segments (rule 13). */
@FunctionalInterface
public interface SegmentDrops {

    /**
     * Asks the disk to drop the partition's segments below the number. A disk that does not hear of it finds out from
     * the znode by itself.
     *
     * @param answer whether the disk did so; on the caller's thread, or never
     */
    void drop(DiskId disk, PartitionId partition, long below, Consumer<Boolean> answer);
}
