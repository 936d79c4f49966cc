package io.siltstone.ingest.admin;

import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * Changes of a topic's settings, applied together to the newest ones or not at all. Pure.
 *
 * @param operations each of another setting
 */
record ConfigAlteration(TopicDefaults defaults, List<Operation> operations)
        implements UnaryOperator<Map<String, String>> {

    /** One setting's change; only a deletion has no value. */
    record Operation(String name, OpType type, @Nullable String value) {}

    ConfigAlteration {
        operations = List.copyOf(operations);
        Set<String> names = new HashSet<>();
        for (Operation operation : operations) {
            if (!names.add(operation.name())) {
                throw new InvalidRequestException("Error due to duplicate config keys: " + operation.name());
            }
            if (operation.value() == null && operation.type() != OpType.DELETE) {
                throw new InvalidRequestException("Null value not supported for: " + operation.name());
            }
        }
    }

    /**
     * Returns the settings as the topic's znode is to keep them.
     *
     * @throws InvalidConfigurationException or {@link org.apache.kafka.common.config.ConfigException} if they are not
     *     valid
     */
    @Override
    public Map<String, String> apply(Map<String, String> stored) {
        Map<String, String> altered = new HashMap<>(stored);
        operations.forEach(operation -> apply(operation, altered));
        Map<String, String> own = new HashMap<>(altered);
        own.remove(TopicSettings.REPLICATION_FACTOR);
        defaults.validate(own);
        return altered;
    }

    private void apply(Operation operation, Map<String, String> settings) {
        ConfigKey key = LogConfig.configKeys().get(operation.name());
        if (key == null) {
            throw new InvalidConfigurationException("Unknown topic config name: " + operation.name());
        }
        String value = operation.value() == null ? "" : operation.value();
        switch (operation.type()) {
            case SET -> settings.put(key.name, value);
            case DELETE -> settings.remove(key.name);
            case APPEND -> {
                List<String> items = items(operation, key, settings);
                split(value).stream().filter(item -> !items.contains(item)).forEach(items::add);
                settings.put(key.name, String.join(",", items));
            }
            case SUBTRACT -> {
                List<String> items = items(operation, key, settings);
                items.removeAll(split(value));
                settings.put(key.name, String.join(",", items));
            }
        }
    }

    private List<String> items(Operation operation, ConfigKey key, Map<String, String> settings) {
        if (key.type != ConfigDef.Type.LIST) {
            throw new InvalidConfigurationException(
                    "Can't " + operation.type() + " to key " + key.name + " because its type is not LIST.");
        }
        String inForce = settings.containsKey(key.name)
                ? settings.get(key.name)
                : defaults.values().get(key.name);
        return split(inForce == null ? ConfigDef.convertToString(key.defaultValue, key.type) : inForce);
    }

    private static List<String> split(@Nullable String list) {
        if (list == null || list.isBlank()) {
            return new ArrayList<>();
        }
        return Arrays.stream(list.split(",", -1)).map(String::trim).collect(Collectors.toCollection(ArrayList::new));
    }
}
