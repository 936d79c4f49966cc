package io.siltstone.cli.server;

import io.siltstone.cli.UsageException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the ZooKeeper process is set up.
 *
 * @param host address to listen at, {@code host}, default 127.0.0.1
 * @param port for clients, {@code port}, default 2181
 * @param httpPort for {@code /health}, {@code /ready} and {@code /metrics}, {@code http.port}, default 8080
 * @param dataDir what it keeps, {@code data.dir}
 */
record ZooKeeperConfig(String host, int port, int httpPort, Path dataDir) {
    private static final Set<String> KEYS = Set.of("host", "port", "http.port", "data.dir");
    private static final String PREFIX = "SILTSTONE_";

    /** Reads properties, each overridden by its environment variable; a key that nobody knows is refused by name. */
    static ZooKeeperConfig of(Map<String, String> properties, Map<String, String> environment) {
        for (String key : properties.keySet()) {
            if (!KEYS.contains(key)) {
                throw new UsageException("unknown property " + key + "; known are " + String.join(", ", sorted()));
            }
        }
        Map<String, String> values = new TreeMap<>(properties);
        for (String key : KEYS) {
            String value = environment.get(PREFIX + key.toUpperCase(Locale.ROOT).replace('.', '_'));
            if (value != null) {
                values.put(key, value);
            }
        }
        return new ZooKeeperConfig(
                values.getOrDefault("host", "127.0.0.1"),
                port(values, "port", "2181"),
                port(values, "http.port", "8080"),
                Path.of(required(values.get("data.dir"), "data.dir")));
    }

    private static int port(Map<String, String> values, String key, String otherwise) {
        String value = values.getOrDefault(key, otherwise);
        if (!value.matches("\\d{1,5}") || Integer.parseInt(value) > 65_535) {
            throw new UsageException(key + " must be a port, not " + value);
        }
        return Integer.parseInt(value);
    }

    private static String required(@Nullable String value, String key) {
        if (value == null) {
            throw new UsageException("the property " + key + " is needed");
        }
        return value;
    }

    private static Iterable<String> sorted() {
        return KEYS.stream().sorted().toList();
    }
}
