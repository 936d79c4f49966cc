package io.siltstone.metadata;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pcollections.PMap;

/**
 * A change of the image in the making: starts from one image, takes edits, and ends in the next image with what differs.
 * Confined to the publisher's thread. An edit that changes nothing is not told.
 */
public final class ImageEdit {

    private final ClusterImage before;
    private PMap<String, TopicImage> topics;
    private PMap<UUID, TopicImage> topicsById;
    private PMap<PartitionId, PartitionImage> partitions;
    private PMap<UUID, DeletedTopicImage> deletedTopics;
    private PMap<Integer, IngestNodeImage> ingestNodes;
    private PMap<DiskId, StorageDiskImage> storageDisks;
    private @Nullable Owner controller;
    private Map<String, String> clusterConfigs;
    private PMap<Integer, Map<String, String>> brokerConfigs;
    private final Set<UUID> changedTopics = new HashSet<>();
    private final Set<PartitionId> changedPartitions = new HashSet<>();

    public ImageEdit(ClusterImage before) {
        this.before = before;
        this.topics = before.topics();
        this.topicsById = before.topicsById();
        this.partitions = before.partitions();
        this.deletedTopics = before.deletedTopics();
        this.ingestNodes = before.ingestNodes();
        this.storageDisks = before.storageDisks();
        this.controller = before.controller();
        this.clusterConfigs = before.clusterConfigs();
        this.brokerConfigs = before.brokerConfigs();
    }

    public void putTopic(TopicImage topic) {
        TopicImage old = topics.get(topic.name());
        if (topic.equals(old)) {
            return;
        }
        if (old != null && !old.id().equals(topic.id())) {
            removeTopic(old.id());
        }
        topics = topics.plus(topic.name(), topic);
        topicsById = topicsById.plus(topic.id(), topic);
        changedTopics.add(topic.id());
    }

    public void removeTopic(UUID id) {
        TopicImage old = topicsById.get(id);
        if (old == null) {
            return;
        }
        topicsById = topicsById.minus(id);
        TopicImage named = topics.get(old.name());
        if (named != null && named.id().equals(id)) {
            topics = topics.minus(old.name());
        }
        changedTopics.add(id);
    }

    public void putDeletedTopic(DeletedTopicImage topic) {
        if (!topic.equals(deletedTopics.get(topic.id()))) {
            deletedTopics = deletedTopics.plus(topic.id(), topic);
            changedTopics.add(topic.id());
        }
    }

    public void removeDeletedTopic(UUID id) {
        if (deletedTopics.containsKey(id)) {
            deletedTopics = deletedTopics.minus(id);
            changedTopics.add(id);
        }
    }

    /** An older version than the one known is ignored. */
    public void putPartition(PartitionId partition, PartitionImage image) {
        PartitionImage old = partitions.get(partition);
        if (old == null || old.version() < image.version()) {
            partitions = partitions.plus(partition, image);
            changedPartitions.add(partition);
        }
    }

    public void removePartition(PartitionId partition) {
        if (partitions.containsKey(partition)) {
            partitions = partitions.minus(partition);
            changedPartitions.add(partition);
        }
    }

    public void putIngestNode(IngestNodeImage node) {
        if (!node.equals(ingestNodes.get(node.node()))) {
            ingestNodes = ingestNodes.plus(node.node(), node);
        }
    }

    public void removeIngestNode(int node) {
        ingestNodes = ingestNodes.minus(node);
    }

    public void putStorageDisk(StorageDiskImage disk) {
        if (!disk.equals(storageDisks.get(disk.disk()))) {
            storageDisks = storageDisks.plus(disk.disk(), disk);
        }
    }

    public void removeStorageDisk(DiskId disk) {
        storageDisks = storageDisks.minus(disk);
    }

    public void setController(@Nullable Owner newController) {
        controller = newController;
    }

    public void setClusterConfigs(Map<String, String> configs) {
        clusterConfigs = Map.copyOf(configs);
    }

    public void setBrokerConfigs(int node, Map<String, String> configs) {
        Map<String, String> copy = Map.copyOf(configs);
        brokerConfigs = copy.isEmpty() ? brokerConfigs.minus(node) : brokerConfigs.plus(node, copy);
    }

    public @Nullable DeletedTopicImage deletedTopic(UUID id) {
        return deletedTopics.get(id);
    }

    /** The next image and how it differs. */
    public ClusterChange finish() {
        ClusterImage after = new ClusterImage(
                before.clusterId(),
                topics,
                topicsById,
                partitions,
                deletedTopics,
                ingestNodes,
                storageDisks,
                controller,
                clusterConfigs,
                brokerConfigs);
        return new ClusterChange(
                before,
                after,
                changedTopics,
                changedPartitions,
                !ingestNodes.equals(before.ingestNodes()),
                !storageDisks.equals(before.storageDisks()),
                !Objects.equals(controller, before.controller()),
                !clusterConfigs.equals(before.clusterConfigs()) || !brokerConfigs.equals(before.brokerConfigs()));
    }
}
