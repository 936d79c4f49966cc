package io.siltstone.cli.cluster;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * What a cluster of processes consists of. Kept in {@code cluster.properties} in the cluster's folder, so that a second
 * start finds the same nodes at the same ports.
 *
 * @param kafkaPort where the first ingest node listens; node N listens at {@code kafkaPort + N - 1}
 * @param bucket URL of the bucket
 * @param nodeOptions properties given to every ingest node, such as how to reach the bucket
 * @param storageOptions properties given to every storage node, such as the size of its journal files
 * @param ports every other port by its name, such as {@code storage-1.http}
 */
public record ClusterSettings(
        int storageNodes,
        int ingestNodes,
        int kafkaPort,
        String bucket,
        Map<String, String> nodeOptions,
        Map<String, String> storageOptions,
        Map<String, Integer> ports) {
    private static final String FILE = "cluster.properties";
    private static final String OPTION = "option.";
    private static final String STORAGE_OPTION = "storage.option.";
    private static final String PORT = "port.";

    public ClusterSettings {
        if (storageNodes < 1 || ingestNodes < 1) {
            throw new IllegalArgumentException("a cluster needs at least one storage node and one ingest node, not "
                    + storageNodes + " and " + ingestNodes);
        }
        if (kafkaPort < 1 || kafkaPort + ingestNodes - 1 > 65_535) {
            throw new IllegalArgumentException("no room for " + ingestNodes + " ingest nodes from port " + kafkaPort);
        }
        nodeOptions = Map.copyOf(nodeOptions);
        storageOptions = Map.copyOf(storageOptions);
        ports = Map.copyOf(ports);
    }

    /** A cluster whose storage nodes have their own defaults. */
    public ClusterSettings(
            int storageNodes,
            int ingestNodes,
            int kafkaPort,
            String bucket,
            Map<String, String> nodeOptions,
            Map<String, Integer> ports) {
        this(storageNodes, ingestNodes, kafkaPort, bucket, nodeOptions, Map.of(), ports);
    }

    /** The settings of the cluster in this folder; empty where none was started yet. */
    public static Optional<ClusterSettings> load(Path dir) {
        Path file = dir.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        Map<String, String> values = PrivateProperties.read(file);
        Map<String, String> options = new TreeMap<>();
        Map<String, String> storageOptions = new TreeMap<>();
        Map<String, Integer> ports = new TreeMap<>();
        values.forEach((key, value) -> {
            if (key.startsWith(OPTION)) {
                options.put(key.substring(OPTION.length()), value);
            } else if (key.startsWith(STORAGE_OPTION)) {
                storageOptions.put(key.substring(STORAGE_OPTION.length()), value);
            } else if (key.startsWith(PORT)) {
                ports.put(key.substring(PORT.length()), number(file, values, key));
            }
        });
        return Optional.of(new ClusterSettings(
                number(file, values, "storage.nodes"),
                number(file, values, "ingest.nodes"),
                number(file, values, "kafka.port"),
                text(file, values, "bucket"),
                options,
                storageOptions,
                ports));
    }

    /** Writes the settings into the cluster's folder. */
    public void save(Path dir) {
        Map<String, String> values = new TreeMap<>();
        values.put("storage.nodes", Integer.toString(storageNodes));
        values.put("ingest.nodes", Integer.toString(ingestNodes));
        values.put("kafka.port", Integer.toString(kafkaPort));
        values.put("bucket", bucket);
        nodeOptions.forEach((name, value) -> values.put(OPTION + name, value));
        storageOptions.forEach((name, value) -> values.put(STORAGE_OPTION + name, value));
        ports.forEach((name, port) -> values.put(PORT + name, Integer.toString(port)));
        PrivateProperties.write(dir.resolve(FILE), values);
    }

    /** These settings with a free port for every name of {@code names} that has none yet. */
    ClusterSettings withPorts(List<String> names) {
        Map<String, Integer> all = new TreeMap<>(ports);
        List<Integer> taken = new ArrayList<>(all.values());
        IntStream.range(0, ingestNodes).forEach(node -> taken.add(kafkaPort + node));
        FreePorts free = new FreePorts(kafkaPort + 100, taken);
        for (String name : names) {
            all.computeIfAbsent(name, missing -> free.take());
        }
        return new ClusterSettings(storageNodes, ingestNodes, kafkaPort, bucket, nodeOptions, storageOptions, all);
    }

    /** These settings with these properties for every storage node. */
    public ClusterSettings withStorageOptions(Map<String, String> options) {
        return new ClusterSettings(storageNodes, ingestNodes, kafkaPort, bucket, nodeOptions, options, ports);
    }

    int port(String name) {
        Integer port = ports.get(name);
        if (port == null) {
            throw new IllegalStateException("no port has been chosen for " + name);
        }
        return port;
    }

    /** The Kafka addresses of all ingest nodes, separated by commas. */
    public String bootstrap() {
        return String.join(
                ",",
                IntStream.range(0, ingestNodes)
                        .mapToObj(node -> "127.0.0.1:" + (kafkaPort + node))
                        .toList());
    }

    private static int number(Path file, Map<String, String> values, String key) {
        String value = text(file, values, key);
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(file + ": " + key + " must be a number, not " + value, e);
        }
    }

    private static String text(Path file, Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException(file + " does not tell " + key);
        }
        return value;
    }
}
