package io.siltstone.storage;

import io.siltstone.log.EntryHeader;
import io.siltstone.metadata.zookeeper.ZooKeeperSettings;
import io.siltstone.storage.journal.JournalSettings;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;

/**
 * A storage node's configuration. Each key is a property, and an environment variable of the same name in capitals, with
 * {@code SILTSTONE_} before it and {@code _} for each dot, which wins.
 */
public final class StorageNodeConfig {

    private static final String ENVIRONMENT = "SILTSTONE_";
    private static final String REQUIRED = "";
    private static final Map<String, String> DEFAULTS = defaults();

    private final Map<String, String> values;

    private StorageNodeConfig(Map<String, String> values) {
        this.values = values;
    }

    private static Map<String, String> defaults() {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("node.id", REQUIRED);
        defaults.put("data.dir", REQUIRED);
        defaults.put("zookeeper.connect", REQUIRED);
        defaults.put("zookeeper.root", ZooKeeperSettings.DEFAULT_ROOT);
        defaults.put("zookeeper.session.timeout.ms", "" + ZooKeeperSettings.DEFAULT_SESSION_TIMEOUT_MS);
        defaults.put("zookeeper.connect.timeout.ms", "" + ZooKeeperSettings.DEFAULT_CONNECT_TIMEOUT_MS);
        defaults.put("host", "127.0.0.1");
        defaults.put("advertised.host", "");
        defaults.put("port", "0");
        defaults.put("http.port", "0");
        defaults.put("zone", "");
        defaults.put("disk.limit.bytes", "" + (16L << 30));
        defaults.put("journal.file.bytes", "" + (256L << 20));
        defaults.put("memory.in.flight.bytes", "" + (96L << 20));
        defaults.put("memory.connection.bytes", "" + (48L << 20));
        defaults.put("memory.reads.bytes", "" + (64L << 20));
        defaults.put("read.max.bytes", "" + (4L << 20));
        defaults.put("read.threads", "2");
        defaults.put("trim.interval.ms", "5000");
        return defaults;
    }

    /**
     * Checks and completes what is given.
     *
     * @param given properties by key
     * @param environment of the process
     * @throws IllegalArgumentException names the key that is wrong, missing or unknown
     */
    public static StorageNodeConfig of(Map<String, String> given, Map<String, String> environment) {
        TreeSet<String> unknown = new TreeSet<>(given.keySet());
        unknown.removeAll(DEFAULTS.keySet());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException(
                    "unknown configuration " + unknown + "; a storage node knows " + DEFAULTS.keySet());
        }
        Map<String, String> values = new LinkedHashMap<>(DEFAULTS);
        values.putAll(given);
        for (String key : DEFAULTS.keySet()) {
            String fromEnvironment = environment.get(environmentName(key));
            if (fromEnvironment != null) {
                values.put(key, fromEnvironment);
            }
        }
        for (String key : new String[] {"node.id", "data.dir", "zookeeper.connect"}) {
            if (text(values, key).isBlank()) {
                throw new IllegalArgumentException(
                        "configuration '" + key + "' is missing (or " + environmentName(key) + " in the environment)");
            }
        }
        StorageNodeConfig config = new StorageNodeConfig(values);
        config.check();
        return config;
    }

    /** The same from a properties file. */
    public static StorageNodeConfig load(Path file, Map<String, String> environment) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        Map<String, String> given = new LinkedHashMap<>();
        properties.stringPropertyNames().forEach(key -> given.put(key, properties.getProperty(key)));
        return of(given, environment);
    }

    private static String environmentName(String key) {
        return ENVIRONMENT + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    private void check() {
        number("port", 0, 65_535);
        number("http.port", 0, 65_535);
        number("zookeeper.session.timeout.ms", 500, 600_000);
        number("zookeeper.connect.timeout.ms", 500, 3_600_000);
        number("disk.limit.bytes", JournalSettings.MIN_FILES * JournalSettings.MIN_FILE_BYTES, Long.MAX_VALUE);
        number("journal.file.bytes", JournalSettings.MIN_FILE_BYTES, Integer.MAX_VALUE);
        number("memory.connection.bytes", 2L * EntryHeader.MAX_LENGTH, 1L << 40);
        number("memory.in.flight.bytes", 2L * EntryHeader.MAX_LENGTH, 1L << 40);
        number("memory.reads.bytes", number("read.max.bytes", 1, EntryHeader.MAX_LENGTH), 1L << 40);
        number("read.threads", 1, 256);
        number("trim.interval.ms", 10, 86_400_000);
        journal();
        zooKeeper();
    }

    private long number(String key, long least, long most) {
        String text = text(values, key);
        long value;
        try {
            value = Long.parseLong(text.trim());
        } catch (NumberFormatException noNumber) {
            throw new IllegalArgumentException("configuration '" + key + "' is no number: '" + text + "'", noNumber);
        }
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "configuration '" + key + "' is " + value + ", it must be from " + least + " to " + most);
        }
        return value;
    }

    private static String text(Map<String, String> values, String key) {
        return values.getOrDefault(key, "");
    }

    String node() {
        return text(values, "node.id");
    }

    Path dataDir() {
        return Path.of(text(values, "data.dir"));
    }

    String host() {
        return text(values, "host");
    }

    /** Where ingest nodes reach it. */
    String advertisedHost() {
        String advertised = text(values, "advertised.host");
        return advertised.isEmpty() ? host() : advertised;
    }

    int port() {
        return (int) number("port", 0, 65_535);
    }

    int httpPort() {
        return (int) number("http.port", 0, 65_535);
    }

    String zone() {
        return text(values, "zone");
    }

    ZooKeeperSettings zooKeeper() {
        return new ZooKeeperSettings(
                text(values, "zookeeper.connect"),
                text(values, "zookeeper.root"),
                (int) number("zookeeper.session.timeout.ms", 500, 600_000),
                (int) number("zookeeper.connect.timeout.ms", 500, 3_600_000));
    }

    JournalSettings journal() {
        return new JournalSettings(
                number("journal.file.bytes", 0, Long.MAX_VALUE), number("disk.limit.bytes", 0, Long.MAX_VALUE));
    }

    long inFlightBytes() {
        return number("memory.in.flight.bytes", 0, Long.MAX_VALUE);
    }

    long connectionBytes() {
        return number("memory.connection.bytes", 0, Long.MAX_VALUE);
    }

    long readingBytes() {
        return number("memory.reads.bytes", 0, Long.MAX_VALUE);
    }

    int maxReadBytes() {
        return (int) number("read.max.bytes", 0, Integer.MAX_VALUE);
    }

    int readThreads() {
        return (int) number("read.threads", 0, Integer.MAX_VALUE);
    }

    long trimIntervalMs() {
        return number("trim.interval.ms", 0, Long.MAX_VALUE);
    }
}
