package io.siltstone.metadata;

import java.util.Map;
import java.util.UUID;

/**
 * A topic as its znode tells it.
 *
 * @param id minted at creation; a later topic of the same name has another
 * @param partitionCount never shrinks
 * @param configs the settings that differ from the defaults, by Kafka's names
 * @param createdMs wall clock of the creation
 */
public record TopicImage(String name, UUID id, int partitionCount, Map<String, String> configs, long createdMs) {

    public TopicImage {
        if (name.isEmpty() || partitionCount < 1) {
            throw new IllegalArgumentException("topic '" + name + "' with " + partitionCount + " partitions");
        }
        configs = Map.copyOf(configs);
    }

    public TopicImage withPartitionCount(int newCount) {
        return new TopicImage(name, id, newCount, configs, createdMs);
    }

    public TopicImage withConfigs(Map<String, String> newConfigs) {
        return new TopicImage(name, id, partitionCount, newConfigs, createdMs);
    }
}
