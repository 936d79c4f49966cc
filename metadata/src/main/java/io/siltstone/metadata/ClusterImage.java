package io.siltstone.metadata;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;

/**
 * All that a node knows of the cluster at one moment. Immutable; its maps share structure with the images before and
 * after, so that one change costs the same whatever the number of partitions.
 *
 * <p>Invariant: {@code topics} and {@code topicsById} hold the same topics. A partition of a topic may be missing for a
 * moment, and its state may be older than the znode: the truth is there, every change is a compare-and-set.
 *
 * @param ingestNodes the live ones, by broker id; of two incarnations the one that registered last
 * @param storageDisks every registered disk, live or not
 * @param deletedTopics marks that not every disk has answered yet
 * @param controller who assigns partitions; null during an election
 * @param clusterConfigs dynamic settings of all ingest nodes
 * @param brokerConfigs dynamic settings of one ingest node, by broker id
 */
public record ClusterImage(
        String clusterId,
        PMap<String, TopicImage> topics,
        PMap<UUID, TopicImage> topicsById,
        PMap<PartitionId, PartitionImage> partitions,
        PMap<UUID, DeletedTopicImage> deletedTopics,
        PMap<Integer, IngestNodeImage> ingestNodes,
        PMap<DiskId, StorageDiskImage> storageDisks,
        @Nullable Owner controller,
        Map<String, String> clusterConfigs,
        PMap<Integer, Map<String, String>> brokerConfigs) {

    public ClusterImage {
        clusterConfigs = Map.copyOf(clusterConfigs);
    }

    public static ClusterImage empty(String clusterId) {
        return new ClusterImage(
                clusterId,
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                null,
                Map.of(),
                HashTreePMap.empty());
    }

    public Optional<TopicImage> topic(String name) {
        return Optional.ofNullable(topics.get(name));
    }

    public Optional<TopicImage> topic(UUID id) {
        return Optional.ofNullable(topicsById.get(id));
    }

    public Optional<PartitionImage> partition(PartitionId partition) {
        return Optional.ofNullable(partitions.get(partition));
    }

    public Optional<StorageDiskImage> storageDisk(DiskId disk) {
        return Optional.ofNullable(storageDisks.get(disk));
    }

    /** The live ingest node that is this very incarnation. */
    public Optional<IngestNodeImage> ingestNode(@Nullable Owner owner) {
        return owner == null
                ? Optional.empty()
                : Optional.ofNullable(ingestNodes.get(owner.node()))
                        .filter(node -> node.owner().equals(owner));
    }

    public boolean isLive(@Nullable Owner owner) {
        return ingestNode(owner).isPresent();
    }
}
