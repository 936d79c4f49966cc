package io.siltstone.metadata.zookeeper;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.MetadataStore;
import io.siltstone.metadata.PartitionReading;
import io.siltstone.metadata.ProducerIdBlock;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;

/** The store's port on ZooKeeper: hands each call to the store's threads. */
final class ZooKeeperMetadataStore implements MetadataStore, AutoCloseable {

    private final StoreCalls calls;
    private final Znodes znodes;
    private final byte[] secret;
    private final ZooKeeperTopics topics;
    private final ZooKeeperMembership membership;
    private final ZooKeeperConfigs configs;

    ZooKeeperMetadataStore(CuratorFramework client, Znodes znodes, StoreCalls calls, byte[] secret) {
        this.calls = calls;
        this.znodes = znodes;
        this.secret = secret.clone();
        this.topics = new ZooKeeperTopics(client, znodes);
        this.membership = new ZooKeeperMembership(client, znodes);
        this.configs = new ZooKeeperConfigs(client, znodes);
    }

    @Override
    public void close() {
        membership.close();
    }

    @Override
    public CompletableFuture<TopicImage> createTopic(String name, int partitions, Map<String, String> topicConfigs) {
        return calls.call(() -> topics.create(name, partitions, topicConfigs));
    }

    @Override
    public CompletableFuture<TopicImage> createPartitions(UUID topic, int newCount) {
        return calls.call(() -> topics.createPartitions(topic, newCount));
    }

    @Override
    public CompletableFuture<TopicImage> alterTopicConfigs(UUID topic, UnaryOperator<Map<String, String>> change) {
        return calls.call(() -> topics.alterConfigs(topic, change));
    }

    @Override
    public CompletableFuture<Void> deleteTopic(UUID topic) {
        return calls.run(() -> topics.delete(topic));
    }

    @Override
    public CompletableFuture<PartitionReading> readPartition(PartitionId partition) {
        return calls.call(() -> topics.read(partition));
    }

    @Override
    public CompletableFuture<Void> confirmDropped(UUID topic, DiskId disk) {
        return calls.run(() -> topics.confirmDropped(topic, disk));
    }

    @Override
    public CompletableFuture<Void> forgetDeletedTopic(UUID topic) {
        return calls.run(() -> topics.forget(topic));
    }

    @Override
    public CompletableFuture<Void> registerIngestNode(IngestNodeImage node, Runnable lost) {
        return calls.run(() -> membership.registerIngestNode(node, lost));
    }

    @Override
    public CompletableFuture<Void> setDraining(Owner owner) {
        return calls.run(() -> membership.setDraining(owner));
    }

    @Override
    public CompletableFuture<Void> unregisterIngestNode(Owner owner) {
        return calls.run(() -> membership.unregisterIngestNode(owner));
    }

    @Override
    public CompletableFuture<Void> registerStorageDisk(StorageDiskImage disk) {
        return calls.run(() -> membership.registerStorageDisk(disk));
    }

    @Override
    public CompletableFuture<Void> setRoom(DiskId disk, boolean writable, DiskRoom room) {
        return calls.run(() -> membership.setRoom(disk, writable, room));
    }

    @Override
    public CompletableFuture<Void> unregisterStorageDisk(DiskId disk) {
        return calls.run(() -> membership.unregisterStorageDisk(disk));
    }

    @Override
    public CompletableFuture<Void> forgetStorageDisk(DiskId disk) {
        return calls.run(() -> membership.forgetStorageDisk(disk));
    }

    @Override
    public CompletableFuture<Void> evict(Owner owner) {
        return calls.run(() -> membership.evict(owner));
    }

    @Override
    public CompletableFuture<Void> evict(DiskId disk, long incarnation) {
        return calls.run(() -> membership.evict(disk, incarnation));
    }

    @Override
    public CompletableFuture<Void> alterClusterConfigs(UnaryOperator<Map<String, String>> change) {
        return calls.run(() -> configs.alter(znodes.clusterConfigs(), change));
    }

    @Override
    public CompletableFuture<Void> alterBrokerConfigs(int node, UnaryOperator<Map<String, String>> change) {
        return calls.run(() -> configs.alter(znodes.brokerConfigs(node), change));
    }

    @Override
    public CompletableFuture<ProducerIdBlock> allocateProducerIds() {
        return calls.call(configs::allocateProducerIds);
    }

    @Override
    public CompletableFuture<byte[]> clusterSecret() {
        return CompletableFuture.completedFuture(secret.clone());
    }
}
