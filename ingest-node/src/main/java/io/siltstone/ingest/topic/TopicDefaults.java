package io.siltstone.ingest.topic;

import io.siltstone.metadata.TopicImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * What topics get that do not say otherwise: the node's configuration under Kafka's broker names
 * ({@code log.segment.bytes}, {@code min.insync.replicas}), this product's own defaults, and then Kafka's. Immutable.
 */
public final class TopicDefaults {

    /** Where a default differs from Kafka's: history is kept, and segments are small enough to tier soon. */
    static final Map<String, String> PRODUCT = Map.of(
            TopicConfig.RETENTION_MS_CONFIG, "-1",
            TopicConfig.RETENTION_BYTES_CONFIG, "-1",
            TopicConfig.SEGMENT_BYTES_CONFIG, String.valueOf(128 << 20),
            TopicConfig.SEGMENT_MS_CONFIG, String.valueOf(10 * 60 * 1000),
            TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");

    private static final int REPLICATION_FACTOR = 3;
    private static final int PARTITIONS = 1;

    private final Map<String, String> node;
    private final Map<String, String> values;
    private final TopicSettings unset;

    /**
     * @param node the node's configuration; names that Kafka does not know as a topic's default are passed over
     * @throws org.apache.kafka.common.config.ConfigException if a value is not of its type or range
     */
    public TopicDefaults(Map<String, String> node) {
        this.node = Map.copyOf(node);
        this.values = new HashMap<>(PRODUCT);
        LogConfig.nonInternalConfigNames()
                .forEach(name -> nodeValue(name).ifPresent(synonym -> values.put(name, synonym.topicValue())));
        this.unset = settings(Map.of());
    }

    /** The setting of the node that stands for a topic's, by its own name, with the value that it gives the topic. */
    public record NodeSetting(String name, String value, String topicValue) {}

    /** {@code num.partitions}. */
    public int partitions() {
        return Integer.parseInt(node.getOrDefault("num.partitions", String.valueOf(PARTITIONS)));
    }

    /** {@code default.replication.factor}. */
    public int replicationFactor() {
        return Integer.parseInt(node.getOrDefault("default.replication.factor", String.valueOf(REPLICATION_FACTOR)));
    }

    /** This product's default of a topic's setting where it differs from Kafka's. */
    public static Optional<String> productDefault(String topicSetting) {
        return Optional.ofNullable(PRODUCT.get(topicSetting));
    }

    /** The values of all settings that no topic overrides, where they differ from Kafka's own defaults. */
    public Map<String, String> values() {
        return Map.copyOf(values);
    }

    /** The settings in force where a topic sets nothing. */
    public TopicSettings settings() {
        return unset;
    }

    /** The settings in force; parses all of them, so whoever asks often keeps the answer. */
    public TopicSettings settings(TopicImage topic) {
        return settings(topic.configs());
    }

    /** The replication factor in force. */
    public int replicationFactor(TopicImage topic) {
        return replicationFactor(topic.configs());
    }

    private int replicationFactor(Map<String, String> overrides) {
        String factor = overrides.get(TopicSettings.REPLICATION_FACTOR);
        return factor == null ? replicationFactor() : Integer.parseInt(factor);
    }

    /**
     * The settings in force.
     *
     * @param overrides as the topic's znode keeps them
     */
    public TopicSettings settings(Map<String, String> overrides) {
        Properties own = new Properties();
        overrides.forEach((name, value) -> {
            if (!name.equals(TopicSettings.REPLICATION_FACTOR)) {
                own.put(name, value);
            }
        });
        return new TopicSettings(replicationFactor(overrides), LogConfig.fromProps(values, own));
    }

    /**
     * Checks a topic's own settings, the replication factor aside, by name, type, range and against each other.
     *
     * @throws InvalidConfigurationException or {@link org.apache.kafka.common.config.ConfigException}
     */
    public void validate(Map<String, String> overrides) {
        LogConfig.validate(Map.of(), overrides, values, false);
    }

    /** What the node's configuration says of a topic's setting; the first of its synonyms counts. */
    public Optional<NodeSetting> nodeValue(String topicSetting) {
        List<ConfigSynonym> synonyms =
                ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.getOrDefault(topicSetting, List.of());
        return synonyms.stream()
                .filter(synonym -> node.containsKey(synonym.name()))
                .findFirst()
                .map(synonym -> nodeSetting(synonym, node.getOrDefault(synonym.name(), "")));
    }

    private static NodeSetting nodeSetting(ConfigSynonym synonym, String value) {
        return new NodeSetting(synonym.name(), value, synonym.converter().apply(value));
    }
}
