package io.siltstone.ingest.group;

import org.apache.kafka.common.Uuid;

/** A topic as groups know it: what members are assigned partitions of. */
public record GroupTopic(Uuid id, String name, int partitions) {

    public GroupTopic {
        if (name.isEmpty() || partitions < 1) {
            throw new IllegalArgumentException("topic '" + name + "' with " + partitions + " partitions");
        }
    }

    boolean has(int partition) {
        return partition >= 0 && partition < partitions;
    }
}
