package io.siltstone.ingest.group;

import org.apache.kafka.common.utils.Utils;

/** Maps groups to partitions of the offsets topic, as Kafka does. */
final class GroupPartitions {

    private GroupPartitions() {}

    static int partitionOf(String groupId, int partitions) {
        return Utils.abs(groupId.hashCode()) % partitions;
    }
}
