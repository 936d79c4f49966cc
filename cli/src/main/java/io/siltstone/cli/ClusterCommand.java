package io.siltstone.cli;

import io.siltstone.cli.cluster.ClusterSettings;
import io.siltstone.cli.cluster.NodeStatus;
import io.siltstone.cli.cluster.ProcessCluster;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code siltstone cluster}: a cluster of real processes on this machine, one per node. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = "Starts, stops and shows a cluster of real processes on this machine, one per node.")
final class ClusterCommand implements Runnable {
    private static final int STORAGE_NODES = 3;
    private static final int INGEST_NODES = 2;
    private static final int KAFKA_PORT = 19_092;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which of start, stop and status?");
    }

    @Command(
            name = "start",
            mixinStandardHelpOptions = true,
            description = {
                "Starts what is not running, and returns when every partition can be written.",
                "Each node leaves NODE.pid, NODE.log and NODE.command (a shell line that runs it again in the foreground)"
                        + " in the folder. Nodes are called zookeeper, storage-1…, ingest-1…"
            })
    int start(
            @Mixin ClusterFolder folder,
            @Option(names = "--storage-nodes", paramLabel = "N", description = "Storage nodes (default 3).") @Nullable
                    Integer storageNodes,
            @Option(names = "--ingest-nodes", paramLabel = "N", description = "Ingest nodes (default 2).") @Nullable
                    Integer ingestNodes,
            @Option(
                            names = "--kafka-port",
                            paramLabel = "PORT",
                            description =
                                    "Port of the first ingest node (default 19092); node N listens at PORT + N - 1.")
                    @Nullable
                    Integer kafkaPort,
            @Mixin BucketOptions bucket)
            throws InterruptedException {
        Path dir = folder.path();
        Optional<ClusterSettings> before = ClusterSettings.load(dir);
        ClusterSettings settings = settings(
                        choose(storageNodes, before.map(ClusterSettings::storageNodes), STORAGE_NODES),
                        choose(ingestNodes, before.map(ClusterSettings::ingestNodes), INGEST_NODES),
                        choose(kafkaPort, before.map(ClusterSettings::kafkaPort), KAFKA_PORT),
                        choose(
                                bucket.url(),
                                before.map(ClusterSettings::bucket),
                                BucketOptions.folder(dir.resolve("bucket"))),
                        bucket.properties().isEmpty()
                                ? before.map(ClusterSettings::nodeOptions).orElse(Map.of())
                                : bucket.properties(),
                        before.map(ClusterSettings::ports).orElse(Map.of()))
                .withStorageOptions(before.map(ClusterSettings::storageOptions).orElse(Map.of()));
        ProcessCluster cluster = new ProcessCluster(dir, settings);
        cluster.start();
        print(folder, cluster);
        return 0;
    }

    @Command(
            name = "stop",
            mixinStandardHelpOptions = true,
            description = "Stops what is running: ingest nodes hand over, ZooKeeper goes last. May be repeated.")
    int stop(@Mixin ClusterFolder folder) throws InterruptedException {
        Optional<ProcessCluster> cluster = open(folder);
        if (cluster.isEmpty()) {
            return 0;
        }
        List<String> killed = cluster.get().stop();
        if (!killed.isEmpty()) {
            PrintWriter err = spec.commandLine().getErr();
            err.println("siltstone: these did not stop by themselves and were killed: " + String.join(", ", killed));
            err.flush();
        }
        print(folder, cluster.get());
        return 0;
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description = "Shows each node; exit code 1 unless all are ready.")
    int status(@Mixin ClusterFolder folder) throws InterruptedException {
        ProcessCluster cluster =
                open(folder).orElseThrow(() -> new UsageException("no cluster was ever started in " + folder.path()));
        return print(folder, cluster) ? 0 : 1;
    }

    private static Optional<ProcessCluster> open(ClusterFolder folder) {
        return ClusterSettings.load(folder.path()).map(settings -> new ProcessCluster(folder.path(), settings));
    }

    private boolean print(ClusterFolder folder, ProcessCluster cluster) throws InterruptedException {
        List<NodeStatus> nodes = cluster.status();
        PrintWriter out = spec.commandLine().getOut();
        if (folder.json()) {
            out.println(Json.pretty(nodes));
        } else {
            for (NodeStatus node : nodes) {
                out.printf(
                        "%-12s %-9s %8s  %-22s %s%n",
                        node.node(),
                        node.state(),
                        node.pid() == null ? "-" : node.pid(),
                        node.kafka() == null ? "" : "kafka " + node.kafka(),
                        node.http());
            }
        }
        out.flush();
        return nodes.stream().allMatch(NodeStatus::ready);
    }

    private static ClusterSettings settings(
            int storageNodes,
            int ingestNodes,
            int kafkaPort,
            String bucket,
            Map<String, String> nodeOptions,
            Map<String, Integer> ports) {
        try {
            return new ClusterSettings(storageNodes, ingestNodes, kafkaPort, bucket, nodeOptions, ports);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private static <T> T choose(@Nullable T given, Optional<T> before, T otherwise) {
        return given != null ? given : before.orElse(otherwise);
    }

    /** Which cluster, and how to tell about it. */
    static final class ClusterFolder {
        @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The cluster's folder.")
        private Path dir;

        @Option(names = "--json", description = "Write JSON for a program to read.")
        private boolean json;

        Path path() {
            return dir.toAbsolutePath().normalize();
        }

        boolean json() {
            return json;
        }
    }
}
