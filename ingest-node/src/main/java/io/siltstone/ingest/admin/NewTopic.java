package io.siltstone.ingest.admin;

import io.siltstone.ingest.topic.TopicSettings;
import java.util.HashMap;
import java.util.Map;

/**
 * A topic to create, its partition count and replication factor filled in.
 *
 * @param configs the settings that differ from the defaults, by Kafka's names
 */
record NewTopic(String name, int partitions, int replicationFactor, Map<String, String> configs) {

    NewTopic {
        configs = Map.copyOf(configs);
    }

    /** The settings as the topic's znode keeps them. */
    Map<String, String> storedConfigs() {
        Map<String, String> stored = new HashMap<>(configs);
        stored.put(TopicSettings.REPLICATION_FACTOR, String.valueOf(replicationFactor));
        return stored;
    }
}
