package io.siltstone.ingest;

import io.siltstone.ingest.archive.ArchiveSettings;
import io.siltstone.ingest.http.HttpSettings;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.tiering.retention.CollectionSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.server.config.ConfigSynonym;
import org.apache.kafka.server.config.ServerTopicConfigSynonyms;
import org.jspecify.annotations.Nullable;

/**
 * An ingest node's settings: a properties file, each key overridable by an environment variable ({@code http.port} by
 * {@code SILTSTONE_HTTP_PORT}). Besides its own keys it takes Kafka's broker names for the defaults of topics and for
 * groups.
 *
 * @param node broker id
 * @param zooKeeper host:port pairs of the metadata store, separated by commas
 * @param zooKeeperRoot the znode that everything lies under
 * @param host address to listen at; empty for all
 * @param port of the Kafka protocol; 0 for any free one
 * @param advertisedHost where clients and other nodes reach this one
 * @param advertisedPort 0 for the one that is listened at
 * @param httpPort of the HTTP interface
 * @param zone failure domain, Kafka's rack; empty for none
 * @param bucket URL of the bucket; empty where there is none
 * @param eventLoops threads that carry connections and partitions
 * @param tailCacheBytes direct memory for the newest entries
 * @param requestBytes direct memory for produce requests that are not yet answered; all others get an eighth besides
 * @param archive how the bucket is kept
 * @param linkLife how long a link to an object of the bucket works
 * @param backlogBytes direct memory for answers that are read from disks or the bucket
 * @param maxRequestBytes of one request
 * @param maxInFlightRequests of one connection
 * @param sendBufferBytes of a client connection's socket; {@link #SYSTEM_BUFFER} leaves it to the system
 * @param lingerMicros how long an append may wait for company while an fsync is under way
 * @param autoCreateTopics whether a client's look at an unknown topic creates it
 * @param producerExpirationMs how long after its last append a partition forgets an idempotent producer, by wall clock
 * @param values all settings as they were given, by key
 */
public record IngestNodeConfig(
        int node,
        String zooKeeper,
        String zooKeeperRoot,
        String host,
        int port,
        String advertisedHost,
        int advertisedPort,
        int httpPort,
        String zone,
        String bucket,
        int eventLoops,
        long tailCacheBytes,
        long requestBytes,
        ArchiveSettings archive,
        Duration linkLife,
        long backlogBytes,
        int maxRequestBytes,
        int maxInFlightRequests,
        int sendBufferBytes,
        int lingerMicros,
        boolean autoCreateTopics,
        long producerExpirationMs,
        Map<String, String> values) {

    /** In place of a socket buffer's size: the system chooses, and changes it as it goes. */
    public static final int SYSTEM_BUFFER = -1;

    private static final String ENVIRONMENT_PREFIX = "SILTSTONE_";
    private static final Set<String> OWN_KEYS = Set.of(
            "node.id",
            "zookeeper.connect",
            "zookeeper.root",
            "host",
            "port",
            "advertised.host",
            "advertised.port",
            "http.port",
            "zone",
            "bucket",
            "event.loops",
            "tail.cache.bytes",
            "request.bytes",
            "tiering.bytes",
            "tiering.threads",
            "log.retention.check.interval.ms",
            "collection.interval.ms",
            "collection.grace.ms",
            "collection.dry.run",
            "link.life.ms",
            "backlog.bytes",
            "max.request.bytes",
            "max.in.flight.requests",
            "socket.send.buffer.bytes",
            "append.linger.micros",
            "auto.create.topics.enable",
            "producer.id.expiration.ms",
            "num.partitions",
            "default.replication.factor",
            "delete.topic.enable",
            "data.dir",
            "s3.endpoint",
            "s3.public.endpoint",
            "s3.region",
            "s3.access.key",
            "s3.secret.key",
            "s3.path.style");

    public IngestNodeConfig {
        values = Map.copyOf(values);
    }

    /**
     * Settings of a node.
     *
     * @param file the properties
     * @param environment of the process; names that begin otherwise are passed over
     * @throws IllegalArgumentException naming each unknown key, or a value that is none
     */
    public static IngestNodeConfig of(Map<String, String> file, Map<String, String> environment) {
        Map<String, String> values = new TreeMap<>(file);
        Set<String> known = knownKeys();
        Map<String, String> byVariable =
                known.stream().collect(Collectors.toMap(IngestNodeConfig::variable, key -> key, (one, other) -> one));
        List<String> wrong = new ArrayList<>();
        file.keySet().stream().filter(key -> !known.contains(key)).forEach(wrong::add);
        environment.forEach((name, value) -> {
            String key = byVariable.get(name);
            if (key != null) {
                values.put(key, value);
            }
        });
        if (!wrong.isEmpty()) {
            throw new IllegalArgumentException("unknown settings: " + String.join(", ", wrong) + "; known are "
                    + String.join(", ", new TreeSet<>(OWN_KEYS)) + " and Kafka's of topics and groups");
        }
        return new Reader(values).read();
    }

    public TopicDefaults topicDefaults() {
        return new TopicDefaults(values);
    }

    private static Set<String> knownKeys() {
        return Stream.concat(
                        OWN_KEYS.stream(),
                        Stream.concat(
                                ServerTopicConfigSynonyms.ALL_TOPIC_CONFIG_SYNONYMS.values().stream()
                                        .flatMap(List::stream)
                                        .map(ConfigSynonym::name),
                                GroupCoordinatorConfig.CONFIG_DEF.names().stream()))
                .collect(Collectors.toSet());
    }

    private static String variable(String key) {
        return ENVIRONMENT_PREFIX + key.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /** Reads values of their types, and says which key is wrong. */
    private static final class Reader {

        private final Map<String, String> values;

        Reader(Map<String, String> values) {
            this.values = values;
        }

        IngestNodeConfig read() {
            String host = text("host").orElse("");
            long linkLifeMs = number("link.life.ms", 1_000, Long.MAX_VALUE, HttpSettings.DEFAULT_LINK_LIFE.toMillis());
            return new IngestNodeConfig(
                    (int) number("node.id", 0, Integer.MAX_VALUE, null),
                    text("zookeeper.connect")
                            .orElseThrow(() -> new IllegalArgumentException("zookeeper.connect is not set")),
                    text("zookeeper.root").orElse("/siltstone"),
                    host,
                    (int) number("port", 0, 65_535, 9092L),
                    text("advertised.host").orElse(host.isEmpty() ? "localhost" : host),
                    (int) number("advertised.port", 0, 65_535, 0L),
                    (int) number("http.port", 0, 65_535, 8080L),
                    text("zone").orElse(""),
                    text("bucket").orElse(""),
                    (int) number(
                            "event.loops", 1, 1024, (long) Runtime.getRuntime().availableProcessors()),
                    number("tail.cache.bytes", 0, Long.MAX_VALUE, 128L << 20),
                    number("request.bytes", 1 << 20, Long.MAX_VALUE, 128L << 20),
                    archive(linkLifeMs),
                    Duration.ofMillis(linkLifeMs),
                    number("backlog.bytes", 1 << 20, Long.MAX_VALUE, 64L << 20),
                    (int) number("max.request.bytes", 1024, Integer.MAX_VALUE - 8, 100L << 20),
                    (int) number("max.in.flight.requests", 1, 10_000, 64L),
                    sendBuffer(),
                    (int) number("append.linger.micros", 0, 1000, 0L),
                    flag("auto.create.topics.enable", true),
                    number("producer.id.expiration.ms", 1, Long.MAX_VALUE, TimeUnit.DAYS.toMillis(1)),
                    values);
        }

        private int sendBuffer() {
            String key = "socket.send.buffer.bytes";
            int bytes = (int) number(key, SYSTEM_BUFFER, Integer.MAX_VALUE, 100L << 10);
            if (bytes == 0) {
                throw new IllegalArgumentException(key + " is 0; it is a size, or -1 for what the system chooses");
            }
            return bytes;
        }

        private ArchiveSettings archive(long linkLifeMs) {
            return new ArchiveSettings(
                    (int) number("tiering.threads", 1, 256, 2L),
                    number("tiering.bytes", 16 << 20, Long.MAX_VALUE, 160L << 20),
                    number("log.retention.check.interval.ms", 1, Long.MAX_VALUE, TimeUnit.MINUTES.toMillis(5)),
                    number("collection.interval.ms", 1, Long.MAX_VALUE, TimeUnit.HOURS.toMillis(6)),
                    new CollectionSettings(
                            number("collection.grace.ms", 1, Long.MAX_VALUE, TimeUnit.HOURS.toMillis(24)),
                            linkLifeMs,
                            flag("collection.dry.run", false)));
        }

        private Optional<String> text(String key) {
            return Optional.ofNullable(values.get(key)).map(String::trim).filter(value -> !value.isEmpty());
        }

        private long number(String key, long least, long most, @Nullable Long otherwise) {
            if (text(key).isEmpty() && otherwise == null) {
                throw new IllegalArgumentException(key + " is not set");
            }
            String value = text(key).orElse(String.valueOf(otherwise));
            long number;
            try {
                number = Long.parseLong(value);
            } catch (NumberFormatException notANumber) {
                throw new IllegalArgumentException(key + " is '" + value + "', which is no number", notANumber);
            }
            if (number < least || number > most) {
                throw new IllegalArgumentException(key + " is " + number + ", it goes from " + least + " to " + most);
            }
            return number;
        }

        private boolean flag(String key, boolean otherwise) {
            String value = text(key).orElse(String.valueOf(otherwise));
            if (!value.equals("true") && !value.equals("false")) {
                throw new IllegalArgumentException(key + " is '" + value + "', it is true or false");
            }
            return value.equals("true");
        }
    }
}
