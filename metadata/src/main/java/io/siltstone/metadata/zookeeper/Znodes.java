package io.siltstone.metadata.zookeeper;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.TopicNames;
import java.util.UUID;

/**
 * Where the cluster's znodes lie; docs/formats/znodes.md describes each.
 *
 * @param root the path under which all of them are
 */
record Znodes(String root) {

    String cluster() {
        return root + "/cluster";
    }

    String topics() {
        return root + "/topics";
    }

    /** Names that collide in Kafka's eyes share a znode, so that only one of them can be created. */
    String topic(String name) {
        return topics() + "/" + TopicNames.collisionKey(name);
    }

    String partitions() {
        return root + "/partitions";
    }

    String partitions(UUID topic) {
        return partitions() + "/" + topic;
    }

    String partition(PartitionId partition) {
        return partitions(partition.topic()) + "/" + partition.partition();
    }

    String deletedTopics() {
        return root + "/deleted";
    }

    String deletedTopic(UUID topic) {
        return deletedTopics() + "/" + topic;
    }

    String droppedBy(UUID topic, DiskId disk) {
        return deletedTopic(topic) + "/" + disk;
    }

    String ingestNodes() {
        return root + "/ingest";
    }

    String ingestNode(Owner owner) {
        return ingestNodes() + "/" + ingestNodePrefix(owner.node()) + Long.toHexString(owner.incarnation());
    }

    static String ingestNodePrefix(int node) {
        return node + "-";
    }

    String disks() {
        return root + "/disks";
    }

    String disk(DiskId disk) {
        return disks() + "/" + disk;
    }

    String liveDisks() {
        return root + "/live";
    }

    String liveDisk(DiskId disk, long incarnation) {
        return liveDisks() + "/" + liveDiskPrefix(disk) + Long.toHexString(incarnation);
    }

    static String liveDiskPrefix(DiskId disk) {
        return disk + "-";
    }

    String election() {
        return root + "/controller";
    }

    String producerIds() {
        return root + "/producer-ids";
    }

    String configs() {
        return root + "/configs";
    }

    String clusterConfigs() {
        return configs() + "/cluster";
    }

    String brokerConfigs(int node) {
        return configs() + "/" + node;
    }
}
