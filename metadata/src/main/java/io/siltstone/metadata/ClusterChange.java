package io.siltstone.metadata;

import io.siltstone.log.PartitionId;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * Two successive images and where they differ.
 *
 * @param topics created, altered or deleted, or whose deletion mark changed
 * @param partitions whose znode appeared, changed or vanished
 * @param ingestNodes an ingest node came, went or changed
 * @param storageDisks a disk came, went or changed
 * @param controller another controller, or none
 * @param configs the cluster's or a broker's dynamic settings
 */
public record ClusterChange(
        ClusterImage before,
        ClusterImage after,
        Set<UUID> topics,
        Set<PartitionId> partitions,
        boolean ingestNodes,
        boolean storageDisks,
        boolean controller,
        boolean configs) {

    public ClusterChange {
        topics = Set.copyOf(topics);
        partitions = Set.copyOf(partitions);
    }

    /** Nothing differs. */
    public boolean isEmpty() {
        return topics.isEmpty() && partitions.isEmpty() && !ingestNodes && !storageDisks && !controller && !configs;
    }

    /** All there is, as the first change that a new subscriber hears of. */
    public static ClusterChange initial(ClusterImage image) {
        Set<UUID> topics = new HashSet<>(image.topicsById().keySet());
        topics.addAll(image.deletedTopics().keySet());
        return new ClusterChange(
                ClusterImage.empty(image.clusterId()),
                image,
                topics,
                image.partitions().keySet(),
                true,
                true,
                true,
                true);
    }
}
