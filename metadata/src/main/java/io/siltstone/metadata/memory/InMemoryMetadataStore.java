package io.siltstone.metadata.memory;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.MetadataStore;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.PartitionReading;
import io.siltstone.metadata.ProducerIdBlock;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicNames;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** The store's port on an {@link InMemoryCluster}: each call is one task on its thread. */
final class InMemoryMetadataStore implements MetadataStore {

    private final InMemoryCluster cluster;
    private final InMemoryMetadata process;

    InMemoryMetadataStore(InMemoryCluster cluster, InMemoryMetadata process) {
        this.cluster = cluster;
        this.process = process;
    }

    @Override
    public CompletableFuture<TopicImage> createTopic(String name, int partitions, Map<String, String> configs) {
        return cluster.call(() -> {
            TopicNames.check(name);
            if (partitions < 1) {
                throw new MetadataException.Invalid("topic '" + name + "' cannot have " + partitions + " partitions");
            }
            String key = TopicNames.collisionKey(name);
            if (cluster.image().topics().keySet().stream()
                    .anyMatch(other -> TopicNames.collisionKey(other).equals(key))) {
                throw new MetadataException.TopicExists(
                        "topic '" + name + "', or one whose name collides with it, exists already");
            }
            TopicImage topic = new TopicImage(
                    name,
                    cluster.mintTopicId(),
                    partitions,
                    configs,
                    cluster.timers().wallClockMs());
            grow(topic, 0);
            return topic;
        });
    }

    @Override
    public CompletableFuture<TopicImage> createPartitions(UUID id, int newCount) {
        return cluster.call(() -> {
            TopicImage topic = find(id);
            if (newCount <= topic.partitionCount()) {
                throw new MetadataException.Invalid("topic '" + topic.name() + "' has " + topic.partitionCount()
                        + " partitions already, it cannot get " + newCount);
            }
            TopicImage grown = topic.withPartitionCount(newCount);
            grow(grown, topic.partitionCount());
            return grown;
        });
    }

    @Override
    public CompletableFuture<TopicImage> alterTopicConfigs(UUID id, UnaryOperator<Map<String, String>> change) {
        return cluster.call(() -> {
            TopicImage topic = find(id);
            TopicImage altered = topic.withConfigs(change.apply(topic.configs()));
            cluster.edit(edit -> edit.putTopic(altered));
            return altered;
        });
    }

    @Override
    public CompletableFuture<Void> deleteTopic(UUID id) {
        return run(() -> {
            if (cluster.image().deletedTopics().containsKey(id)) {
                return;
            }
            TopicImage topic = find(id);
            DeletedTopicImage mark = new DeletedTopicImage(
                    topic.name(), id, topic.partitionCount(), cluster.timers().wallClockMs(), Set.of());
            cluster.edit(edit -> {
                edit.removeTopic(id);
                edit.putDeletedTopic(mark);
                for (int i = 0; i < topic.partitionCount(); i++) {
                    edit.removePartition(new PartitionId(id, i));
                }
            });
        });
    }

    @Override
    public CompletableFuture<PartitionReading> readPartition(PartitionId partition) {
        return cluster.call(() -> {
            ClusterImage image = cluster.image();
            if (image.deletedTopics().containsKey(partition.topic())) {
                return new PartitionReading.Deleted();
            }
            Optional<PartitionImage> known = image.partition(partition);
            return known.isPresent()
                    ? new PartitionReading.Found(
                            known.get().state(), known.get().version())
                    : new PartitionReading.Absent();
        });
    }

    @Override
    public CompletableFuture<Void> confirmDropped(UUID topic, DiskId disk) {
        return run(() -> {
            DeletedTopicImage mark = cluster.image().deletedTopics().get(topic);
            if (mark != null) {
                Set<DiskId> droppedBy = new HashSet<>(mark.droppedBy());
                droppedBy.add(disk);
                cluster.edit(edit -> edit.putDeletedTopic(mark.withDroppedBy(droppedBy)));
            }
        });
    }

    @Override
    public CompletableFuture<Void> forgetDeletedTopic(UUID topic) {
        return run(() -> {
            DeletedTopicImage mark = cluster.image().deletedTopics().get(topic);
            if (mark != null
                    && !mark.droppedBy()
                            .containsAll(cluster.image().storageDisks().keySet())) {
                throw new MetadataException.Invalid("the mark of deleted topic " + topic
                        + " stays until every registered disk has confirmed that it dropped it");
            }
            cluster.edit(edit -> edit.removeDeletedTopic(topic));
        });
    }

    @Override
    public CompletableFuture<Void> registerIngestNode(IngestNodeImage node, Runnable lost) {
        return run(() -> {
            IngestNodeImage earlier = cluster.image().ingestNodes().get(node.node());
            if (earlier != null && !earlier.owner().equals(node.owner())) {
                cluster.evict(earlier.owner());
            }
            cluster.registered(node.owner(), process, lost);
            cluster.edit(edit -> edit.putIngestNode(node));
        });
    }

    @Override
    public CompletableFuture<Void> setDraining(Owner owner) {
        return run(() -> {
            IngestNodeImage node = cluster.image()
                    .ingestNode(owner)
                    .orElseThrow(() -> new MetadataException.NotFound("ingest node " + owner + " is not registered"));
            cluster.edit(edit -> edit.putIngestNode(node.withDraining(true)));
        });
    }

    @Override
    public CompletableFuture<Void> unregisterIngestNode(Owner owner) {
        return run(() -> cluster.unregister(owner));
    }

    @Override
    public CompletableFuture<Void> registerStorageDisk(StorageDiskImage disk) {
        return run(() -> {
            cluster.diskServed(disk.disk(), process);
            cluster.edit(edit -> edit.putStorageDisk(disk.withLive(true)));
        });
    }

    @Override
    public CompletableFuture<Void> setRoom(DiskId disk, boolean writable, DiskRoom room) {
        return run(() -> {
            StorageDiskImage known = cluster.image().storageDisk(disk).orElse(null);
            if (known == null || !cluster.isServed(disk, process)) {
                throw new MetadataException.NotFound("disk " + disk + " is not registered by this process");
            }
            cluster.edit(
                    edit -> edit.putStorageDisk(known.withWritable(writable).withRoom(room)));
        });
    }

    @Override
    public CompletableFuture<Void> unregisterStorageDisk(DiskId disk) {
        return run(() -> {
            if (cluster.isServed(disk, process)) {
                cluster.diskGone(disk);
                StorageDiskImage known = cluster.image().storageDisk(disk).orElseThrow();
                cluster.edit(
                        edit -> edit.putStorageDisk(known.withWritable(true).withRoom(DiskRoom.UNKNOWN)));
            }
        });
    }

    @Override
    public CompletableFuture<Void> forgetStorageDisk(DiskId disk) {
        return run(() -> {
            if (cluster.isServed(disk, null)) {
                throw new MetadataException.Invalid("disk " + disk + " is live; stop its storage node first");
            }
            cluster.edit(edit -> edit.removeStorageDisk(disk));
        });
    }

    @Override
    public CompletableFuture<Void> evict(Owner owner) {
        return run(() -> cluster.evict(owner));
    }

    /** The process is there, or the disk were not live: it registers again, as one that was evicted by mistake does. */
    @Override
    public CompletableFuture<Void> evict(DiskId disk, long incarnation) {
        return run(() -> {
            StorageDiskImage known = cluster.image().storageDisk(disk).orElse(null);
            if (known != null && known.live() && known.incarnation() == incarnation) {
                cluster.edit(edit -> edit.putStorageDisk(known.withLive(false)));
                cluster.edit(edit -> edit.putStorageDisk(known));
            }
        });
    }

    @Override
    public CompletableFuture<Void> alterClusterConfigs(UnaryOperator<Map<String, String>> change) {
        return run(() -> {
            Map<String, String> next = change.apply(cluster.image().clusterConfigs());
            cluster.edit(edit -> edit.setClusterConfigs(next));
        });
    }

    @Override
    public CompletableFuture<Void> alterBrokerConfigs(int node, UnaryOperator<Map<String, String>> change) {
        return run(() -> {
            Map<String, String> next =
                    change.apply(cluster.image().brokerConfigs().getOrDefault(node, Map.of()));
            cluster.edit(edit -> edit.setBrokerConfigs(node, next));
        });
    }

    @Override
    public CompletableFuture<ProducerIdBlock> allocateProducerIds() {
        return cluster.call(
                () -> new ProducerIdBlock(cluster.takeProducerIds(ProducerIdBlock.SIZE), ProducerIdBlock.SIZE));
    }

    @Override
    public CompletableFuture<byte[]> clusterSecret() {
        return CompletableFuture.completedFuture(cluster.secret());
    }

    private CompletableFuture<Void> run(Runnable operation) {
        return cluster.call(() -> {
            operation.run();
            return null;
        });
    }

    private TopicImage find(UUID id) {
        return cluster.image()
                .topic(id)
                .orElseThrow(() -> new MetadataException.NotFound("there is no topic with id " + id));
    }

    private void grow(TopicImage topic, int from) {
        cluster.edit(edit -> {
            for (int i = from; i < topic.partitionCount(); i++) {
                edit.putPartition(new PartitionId(topic.id(), i), new PartitionImage(PartitionState.initial(), 0));
            }
            edit.putTopic(topic);
        });
    }
}
