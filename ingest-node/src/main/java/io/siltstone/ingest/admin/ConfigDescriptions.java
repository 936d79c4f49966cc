package io.siltstone.ingest.admin;

import io.siltstone.ingest.admin.Setting.Synonym;
import io.siltstone.ingest.topic.TopicDefaults;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.server.config.ServerLogConfigs;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/** Tells settings of topics and of this node: values, where they come from, types. Immutable. */
final class ConfigDescriptions {

    /** Where clients of the HTTP interface find this node. */
    static final String HTTP_ADDRESS = "siltstone.http.address";

    private static final String REPLICATION_FACTOR = "default.replication.factor";
    private static final List<String> SECRETS = List.of("password", "secret", "access.key", "credential", "token");

    private final TopicDefaults defaults;
    private final Map<String, String> node;
    private final String httpAddress;

    ConfigDescriptions(TopicDefaults defaults, Map<String, String> node, String httpAddress) {
        this.defaults = defaults;
        this.node = Map.copyOf(node);
        this.httpAddress = httpAddress;
    }

    /** All settings of a topic with these of its own, in order of name; what only we keep there is left out. */
    List<Setting> ofTopic(Map<String, String> overrides) {
        return LogConfig.nonInternalConfigNames().stream()
                .sorted()
                .map(name -> topicSetting(key(name), overrides.get(name)))
                .toList();
    }

    /** The settings of this node in order of name; no client can change one. */
    List<Setting> ofNode() {
        Map<String, Setting> settings = new TreeMap<>();
        GroupCoordinatorConfig.CONFIG_DEF.configKeys().values().forEach(key -> putDefault(settings, key));
        putDefault(settings, serverKey(ServerLogConfigs.NUM_PARTITIONS_CONFIG));
        putDefault(settings, serverKey(ServerLogConfigs.AUTO_CREATE_TOPICS_ENABLE_CONFIG));
        put(settings, REPLICATION_FACTOR, String.valueOf(defaults.replicationFactor()), ConfigType.SHORT);
        for (Setting topicSetting : ofTopic(Map.of())) {
            Synonym inForce = topicSetting.synonyms().get(0);
            settings.put(inForce.name(), nodeSetting(inForce, topicSetting.type(), topicSetting.documentation()));
        }
        node.forEach((name, value) -> put(settings, name, value, ConfigType.STRING));
        put(settings, HTTP_ADDRESS, httpAddress, ConfigType.STRING);
        return List.copyOf(settings.values());
    }

    private Setting topicSetting(ConfigKey key, @Nullable String override) {
        List<Synonym> synonyms = new ArrayList<>();
        if (override != null) {
            synonyms.add(new Synonym(key.name, override, ConfigSource.TOPIC_CONFIG));
        }
        defaults.nodeValue(key.name)
                .ifPresent(setting -> synonyms.add(
                        new Synonym(setting.name(), setting.topicValue(), ConfigSource.STATIC_BROKER_CONFIG)));
        String brokerName = ServerTopicConfigSynonyms.TOPIC_CONFIG_SYNONYMS.getOrDefault(key.name, key.name);
        synonyms.add(new Synonym(brokerName, defaultValue(key), ConfigSource.DEFAULT_CONFIG));
        Synonym inForce = synonyms.get(0);
        return new Setting(
                key.name, inForce.value(), inForce.source(), type(key.type), false, false, key.documentation, synonyms);
    }

    private static @Nullable String defaultValue(ConfigKey key) {
        Optional<String> own = TopicDefaults.productDefault(key.name);
        return own.isPresent() ? own.get() : ConfigDef.convertToString(key.defaultValue, key.type);
    }

    private static ConfigKey key(String topicSetting) {
        return required(topicSetting, LogConfig.configKeys());
    }

    private static ConfigKey serverKey(String name) {
        return required(name, LogConfig.SERVER_CONFIG_DEF.configKeys());
    }

    private static ConfigKey required(String name, Map<String, ConfigKey> keys) {
        ConfigKey key = keys.get(name);
        if (key == null) {
            throw new IllegalStateException("Kafka does not define the setting " + name);
        }
        return key;
    }

    private static void putDefault(Map<String, Setting> settings, ConfigKey key) {
        String value = ConfigDef.convertToString(key.defaultValue, key.type);
        Synonym synonym = new Synonym(key.name, value, ConfigSource.DEFAULT_CONFIG);
        settings.put(key.name, nodeSetting(synonym, type(key.type), key.documentation));
    }

    /** Puts what the node's configuration says, with the type and documentation that Kafka knows, if it does. */
    private static void put(Map<String, Setting> settings, String name, String value, ConfigType unknownType) {
        Setting known = settings.get(name);
        Synonym synonym = new Synonym(name, value, ConfigSource.STATIC_BROKER_CONFIG);
        settings.put(
                name,
                known == null
                        ? nodeSetting(synonym, unknownType, null)
                        : nodeSetting(synonym, known.type(), known.documentation()));
    }

    private static Setting nodeSetting(Synonym synonym, ConfigType type, @Nullable String documentation) {
        boolean sensitive = isSecret(synonym.name());
        Synonym shown = sensitive ? new Synonym(synonym.name(), null, synonym.source()) : synonym;
        return new Setting(
                shown.name(), shown.value(), shown.source(), type, true, sensitive, documentation, List.of(shown));
    }

    private static boolean isSecret(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return SECRETS.stream().anyMatch(lower::contains);
    }

    private static ConfigType type(ConfigDef.Type type) {
        return switch (type) {
            case BOOLEAN -> ConfigType.BOOLEAN;
            case STRING -> ConfigType.STRING;
            case INT -> ConfigType.INT;
            case SHORT -> ConfigType.SHORT;
            case LONG -> ConfigType.LONG;
            case DOUBLE -> ConfigType.DOUBLE;
            case LIST -> ConfigType.LIST;
            case CLASS -> ConfigType.CLASS;
            case PASSWORD -> ConfigType.PASSWORD;
        };
    }
}
