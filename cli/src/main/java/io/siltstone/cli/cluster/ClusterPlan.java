package io.siltstone.cli.cluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The nodes of a cluster and their properties, in the order in which they start: ZooKeeper, storage nodes, ingest
 * nodes. Pure: the same settings give the same plan.
 */
final class ClusterPlan {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String ZOOKEEPER = "zookeeper";

    private final Path dir;
    private final ClusterSettings settings;

    /** Completes the settings with the ports that they lack. */
    ClusterPlan(Path dir, ClusterSettings settings) {
        this.dir = dir;
        this.settings = settings.withPorts(portNames(settings));
    }

    ClusterSettings settings() {
        return settings;
    }

    List<NodeSpec> nodes() {
        List<NodeSpec> nodes = new ArrayList<>();
        nodes.add(zooKeeper());
        for (int n = 1; n <= settings.storageNodes(); n++) {
            nodes.add(storageNode(n));
        }
        for (int n = 1; n <= settings.ingestNodes(); n++) {
            nodes.add(ingestNode(n));
        }
        return nodes;
    }

    NodeFiles files(NodeSpec node) {
        return new NodeFiles(dir, node.name());
    }

    private NodeSpec zooKeeper() {
        Map<String, String> config = new LinkedHashMap<>();
        config.put("host", LOOPBACK);
        config.put("port", Integer.toString(settings.port(ZOOKEEPER)));
        config.put("http.port", Integer.toString(settings.port(ZOOKEEPER + ".http")));
        config.put("data.dir", new NodeFiles(dir, ZOOKEEPER).data().toString());
        return new NodeSpec(ZOOKEEPER, NodeKind.ZOOKEEPER, settings.port(ZOOKEEPER + ".http"), config);
    }

    private NodeSpec storageNode(int number) {
        String name = storageName(number);
        Map<String, String> config = new LinkedHashMap<>();
        config.put("node.id", Integer.toString(number));
        config.put("host", LOOPBACK);
        config.put("port", Integer.toString(settings.port(name)));
        config.put("http.port", Integer.toString(settings.port(name + ".http")));
        config.put("data.dir", new NodeFiles(dir, name).data().toString());
        config.put("zookeeper.connect", zooKeeperConnect());
        config.putAll(settings.storageOptions());
        return new NodeSpec(name, NodeKind.STORAGE_NODE, settings.port(name + ".http"), config);
    }

    private NodeSpec ingestNode(int number) {
        String name = ingestName(number);
        Map<String, String> config = new LinkedHashMap<>();
        config.put("node.id", Integer.toString(number));
        config.put("host", LOOPBACK);
        config.put("port", Integer.toString(settings.kafkaPort() + number - 1));
        config.put("http.port", Integer.toString(settings.port(name + ".http")));
        config.put("zookeeper.connect", zooKeeperConnect());
        config.put("bucket", settings.bucket());
        config.put("group.initial.rebalance.delay.ms", "0"); // as in the settings that Kafka ships for trying it out
        config.putAll(settings.nodeOptions());
        return new NodeSpec(name, NodeKind.INGEST_NODE, settings.port(name + ".http"), config);
    }

    private String zooKeeperConnect() {
        return LOOPBACK + ":" + settings.port(ZOOKEEPER);
    }

    private static List<String> portNames(ClusterSettings settings) {
        List<String> names = new ArrayList<>(List.of(ZOOKEEPER, ZOOKEEPER + ".http"));
        for (int n = 1; n <= settings.storageNodes(); n++) {
            names.add(storageName(n));
            names.add(storageName(n) + ".http");
        }
        for (int n = 1; n <= settings.ingestNodes(); n++) {
            names.add(ingestName(n) + ".http");
        }
        return names;
    }

    private static String storageName(int number) {
        return "storage-" + number;
    }

    private static String ingestName(int number) {
        return "ingest-" + number;
    }
}
