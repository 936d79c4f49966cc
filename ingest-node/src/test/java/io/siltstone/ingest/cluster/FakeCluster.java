package io.siltstone.ingest.cluster;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.Quorum;
import io.siltstone.metadata.ClusterChange;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.PartitionReading;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicStore;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.UnaryOperator;

/** Topics in memory, with one ingest node that owns every partition at once. */
public final class FakeCluster implements ClusterView, TopicStore {

    public static final Owner NODE = new Owner(1, 7);

    private final List<Listener> listeners = new CopyOnWriteArrayList<>();
    private ClusterImage image = ClusterImage.empty("test");
    private boolean owning = true;

    /** A cluster with so many storage nodes. */
    public FakeCluster(int storageNodes) {
        image = withNodes(image, storageNodes);
    }

    private static ClusterImage withNodes(ClusterImage image, int storageNodes) {
        var disks = ClusterImage.empty(image.clusterId()).storageDisks();
        for (int i = 0; i < storageNodes; i++) {
            DiskId disk = new DiskId(new UUID(0, i));
            disks = disks.plus(
                    disk,
                    new StorageDiskImage(disk, 1, "storage-" + i, "localhost", 1, "http://localhost", "", true, true));
        }
        IngestNodeImage node = new IngestNodeImage(NODE, "localhost", 9092, "http://localhost:8080", "", false);
        return new ClusterImage(
                image.clusterId(),
                image.topics(),
                image.topicsById(),
                image.partitions(),
                image.deletedTopics(),
                image.ingestNodes().plus(NODE.node(), node),
                disks,
                NODE,
                image.clusterConfigs(),
                image.brokerConfigs());
    }

    /** From now on it has so many storage nodes, with a disk each. */
    public synchronized void storageNodes(int storageNodes) {
        ClusterImage next = withNodes(image, storageNodes);
        ClusterChange change = new ClusterChange(image, next, Set.of(), Set.of(), false, true, false, false);
        image = next;
        listeners.forEach(listener -> listener.changed(change));
    }

    /** From now on new partitions get no owner. */
    public synchronized void stopOwning() {
        owning = false;
    }

    /** From now on this is how much room each disk says it has. */
    public synchronized void diskRoom(DiskRoom room) {
        var disks = image.storageDisks();
        for (StorageDiskImage disk : image.storageDisks().values()) {
            disks = disks.plus(disk.disk(), disk.withRoom(room));
        }
        image = new ClusterImage(
                image.clusterId(),
                image.topics(),
                image.topicsById(),
                image.partitions(),
                image.deletedTopics(),
                image.ingestNodes(),
                disks,
                image.controller(),
                image.clusterConfigs(),
                image.brokerConfigs());
    }

    @Override
    public synchronized ClusterImage image() {
        return image;
    }

    @Override
    public synchronized Subscription subscribe(Listener listener) {
        listeners.add(listener);
        listener.changed(ClusterChange.initial(image));
        return () -> listeners.remove(listener);
    }

    @Override
    public synchronized CompletableFuture<TopicImage> createTopic(
            String name, int partitions, Map<String, String> configs) {
        if (image.topic(name).isPresent()) {
            return CompletableFuture.failedFuture(new MetadataException.TopicExists(name + " exists"));
        }
        TopicImage topic = new TopicImage(name, UUID.randomUUID(), partitions, configs, 1);
        put(topic);
        return CompletableFuture.completedFuture(topic);
    }

    @Override
    public synchronized CompletableFuture<TopicImage> createPartitions(UUID id, int newCount) {
        TopicImage topic = image.topic(id).orElseThrow().withPartitionCount(newCount);
        put(topic);
        return CompletableFuture.completedFuture(topic);
    }

    @Override
    public synchronized CompletableFuture<TopicImage> alterTopicConfigs(
            UUID id, UnaryOperator<Map<String, String>> change) {
        try {
            TopicImage topic = image.topic(id).orElseThrow();
            TopicImage altered = topic.withConfigs(change.apply(topic.configs()));
            put(altered);
            return CompletableFuture.completedFuture(altered);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public synchronized CompletableFuture<Void> deleteTopic(UUID id) {
        TopicImage topic = image.topic(id).orElseThrow();
        publish(
                topics(
                        image,
                        image.topics().minus(topic.name()),
                        image.topicsById().minus(id)),
                id);
        return CompletableFuture.completedFuture(null);
    }

    private void put(TopicImage topic) {
        ClusterImage next = topics(
                image,
                image.topics().plus(topic.name(), topic),
                image.topicsById().plus(topic.id(), topic));
        var partitions = next.partitions();
        for (int i = 0; i < topic.partitionCount(); i++) {
            PartitionId partition = new PartitionId(topic.id(), i);
            if (!partitions.containsKey(partition)) {
                partitions = partitions.plus(partition, new PartitionImage(newPartition(), 0));
            }
        }
        publish(
                new ClusterImage(
                        next.clusterId(),
                        next.topics(),
                        next.topicsById(),
                        partitions,
                        next.deletedTopics(),
                        next.ingestNodes(),
                        next.storageDisks(),
                        next.controller(),
                        next.clusterConfigs(),
                        next.brokerConfigs()),
                topic.id());
    }

    private PartitionState newPartition() {
        PartitionState state = PartitionState.initial();
        if (!owning) {
            return state;
        }
        List<DiskId> ensemble = List.of(new DiskId(new UUID(0, 0)));
        return state.assignedTo(NODE)
                .claimedBy(NODE)
                .withRegistered(new ChainSegment.Open(0, 0, 0, new Quorum(1, 1), ensemble, 1));
    }

    private static ClusterImage topics(
            ClusterImage image,
            org.pcollections.PMap<String, TopicImage> topics,
            org.pcollections.PMap<UUID, TopicImage> topicsById) {
        return new ClusterImage(
                image.clusterId(),
                topics,
                topicsById,
                image.partitions(),
                image.deletedTopics(),
                image.ingestNodes(),
                image.storageDisks(),
                image.controller(),
                image.clusterConfigs(),
                image.brokerConfigs());
    }

    private void publish(ClusterImage next, UUID topic) {
        ClusterChange change =
                new ClusterChange(image, next, Set.of(topic), next.partitions().keySet(), false, false, false, false);
        image = next;
        listeners.forEach(listener -> listener.changed(change));
    }

    @Override
    public CompletableFuture<PartitionReading> readPartition(PartitionId partition) {
        throw new UnsupportedOperationException("not used by the ingest node");
    }

    @Override
    public CompletableFuture<Void> confirmDropped(UUID topic, DiskId disk) {
        throw new UnsupportedOperationException("not used by the ingest node");
    }

    @Override
    public CompletableFuture<Void> forgetDeletedTopic(UUID topic) {
        throw new UnsupportedOperationException("not used by the ingest node");
    }
}
