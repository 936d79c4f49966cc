package io.siltstone.log;

import java.util.UUID;

/** One partition of a topic, named by the topic's id, which a new topic of an old name does not share. */
public record PartitionId(UUID topic, int partition) implements Comparable<PartitionId> {

    public PartitionId {
        if (partition < 0) {
            throw new IllegalArgumentException("partition " + partition + " is negative");
        }
    }

    @Override
    public int compareTo(PartitionId other) {
        int byTopic = topic.compareTo(other.topic);
        return byTopic != 0 ? byTopic : Integer.compare(partition, other.partition);
    }

    @Override
    public String toString() {
        return topic + "/" + partition;
    }
}
