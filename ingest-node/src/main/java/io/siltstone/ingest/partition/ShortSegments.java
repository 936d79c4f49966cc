package io.siltstone.ingest.partition;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.StorageDiskImage;
import java.util.Collection;

/** Counts the segments that lie on fewer live disks than their write quorum, for metrics. Pure. */
public final class ShortSegments {

    private ShortSegments() {}

    /** Of these partitions, what is not yet trimmed. */
    public static long count(ClusterImage image, Collection<PartitionId> partitions) {
        return partitions.stream()
                .flatMap(id -> image.partition(id).stream())
                .mapToLong(partition -> count(image, partition.state()))
                .sum();
    }

    private static long count(ClusterImage image, PartitionState state) {
        return state.segments().stream()
                .filter(segment -> segment.number() >= state.trimBelow())
                .filter(segment -> liveCopies(image, segment) < segment.quorum().write())
                .count();
    }

    private static long liveCopies(ClusterImage image, ChainSegment segment) {
        return segment.replicas().stream().filter(disk -> isLive(image, disk)).count();
    }

    private static boolean isLive(ClusterImage image, DiskId disk) {
        return image.storageDisk(disk).filter(StorageDiskImage::live).isPresent();
    }
}
