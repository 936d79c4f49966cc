package io.siltstone.testkit.cluster;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.ingest.IngestNode;
import io.siltstone.ingest.IngestNodeConfig;
import io.siltstone.metadata.zookeeper.EmbeddedZooKeeper;
import io.siltstone.storage.StorageNode;
import io.siltstone.storage.StorageNodeConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * ZooKeeper, storage nodes and ingest nodes in this process, on free ports, with their files in one folder. Nodes can be
 * stopped and started again one by one; a storage node finds its disk again, an ingest node is another incarnation.
 */
public final class InProcessCluster implements AutoCloseable {

    private final Path folder;
    private final Map<String, String> ingestSettings;
    private final Map<String, String> storageSettings;
    private final EmbeddedZooKeeper zooKeeper;
    private final Map<Integer, StorageNode> storageNodes = new TreeMap<>();
    private final Map<Integer, IngestNode> ingestNodes = new TreeMap<>();

    private InProcessCluster(Path folder, Map<String, String> ingestSettings, Map<String, String> storageSettings) {
        this.folder = folder;
        this.ingestSettings = Map.copyOf(ingestSettings);
        this.storageSettings = Map.copyOf(storageSettings);
        this.zooKeeper = EmbeddedZooKeeper.start(folder("zookeeper"), 0);
    }

    /**
     * Starts a cluster.
     *
     * @param folder empty, or that of an earlier cluster of the same shape
     * @param ingestSettings by key, beside those that the cluster sets itself
     */
    public static InProcessCluster start(
            Path folder, int storageNodes, int ingestNodes, Map<String, String> ingestSettings) {
        return start(folder, storageNodes, ingestNodes, ingestSettings, Map.of());
    }

    /**
     * Starts a cluster.
     *
     * @param folder empty, or that of an earlier cluster of the same shape
     * @param ingestSettings by key, beside those that the cluster sets itself
     * @param storageSettings by key, before those that the cluster sets itself
     */
    public static InProcessCluster start(
            Path folder,
            int storageNodes,
            int ingestNodes,
            Map<String, String> ingestSettings,
            Map<String, String> storageSettings) {
        InProcessCluster cluster = new InProcessCluster(folder, ingestSettings, storageSettings);
        try {
            for (int number = 1; number <= storageNodes; number++) {
                cluster.startStorageNode(number);
            }
            for (int number = 1; number <= ingestNodes; number++) {
                cluster.startIngestNode(number);
            }
            return cluster;
        } catch (RuntimeException failed) {
            cluster.close();
            throw failed;
        }
    }

    private Path folder(String name) {
        try {
            return Files.createDirectories(folder.resolve(name));
        } catch (IOException noFolder) {
            throw new UncheckedIOException(noFolder);
        }
    }

    public StorageNode startStorageNode(int number) {
        Map<String, String> settings = new HashMap<>();
        settings.put("node.id", "storage-" + number);
        settings.put("zookeeper.connect", zooKeeper.connectString());
        settings.put("data.dir", folder("storage-" + number).toString());
        settings.put("journal.file.bytes", String.valueOf(16 << 20));
        settings.put("disk.limit.bytes", String.valueOf(4L << 30));
        settings.put("trim.interval.ms", "1000");
        settings.putAll(storageSettings);
        try {
            StorageNode node = StorageNode.start(StorageNodeConfig.of(settings, Map.of()), failure -> {
                throw new IllegalStateException("storage node " + number + " failed", failure);
            });
            storageNodes.put(number, node);
            return node;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    public void stopStorageNode(int number) {
        StorageNode node = storageNodes.remove(number);
        if (node != null) {
            node.close();
        }
    }

    public IngestNode startIngestNode(int number) {
        Map<String, String> settings = new HashMap<>(ingestSettings);
        settings.put("node.id", String.valueOf(number));
        settings.put("zookeeper.connect", zooKeeper.connectString());
        settings.put("host", "127.0.0.1");
        settings.putIfAbsent("port", "0");
        settings.put("http.port", "0");
        settings.putIfAbsent("event.loops", "2");
        IngestNode node = IngestNode.start(
                IngestNodeConfig.of(settings, Map.of()), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        ingestNodes.put(number, node);
        return node;
    }

    /** Hands its partitions over and stops the node. */
    public void stopIngestNode(int number) {
        IngestNode node = ingestNodes.remove(number);
        if (node != null) {
            node.close();
        }
    }

    public IngestNode ingestNode(int number) {
        IngestNode node = ingestNodes.get(number);
        if (node == null) {
            throw new IllegalArgumentException("ingest node " + number + " does not run");
        }
        return node;
    }

    /** Addresses for {@code bootstrap.servers}. */
    public String bootstrapServers() {
        return ingestNodes.values().stream()
                .map(node -> "127.0.0.1:" + node.port())
                .collect(Collectors.joining(","));
    }

    @Override
    public void close() {
        ingestNodes.values().forEach(IngestNode::close);
        ingestNodes.clear();
        storageNodes.values().forEach(StorageNode::close);
        storageNodes.clear();
        zooKeeper.close();
    }
}
