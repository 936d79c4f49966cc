package io.siltstone.cli.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.cli.BucketOptions;
import io.siltstone.ingest.IngestNode;
import io.siltstone.ingest.IngestNodeConfig;
import io.siltstone.metadata.zookeeper.EmbeddedZooKeeper;
import io.siltstone.storage.StorageNode;
import io.siltstone.storage.StorageNodeConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code siltstone dev}: a whole cluster in one process, for trying things out. */
@Command(
        name = "dev",
        mixinStandardHelpOptions = true,
        description =
                "Runs a whole cluster in one process: ZooKeeper, three storage nodes, one ingest node, a folder as"
                        + " bucket. Ctrl-C stops it; what it holds stays in its folder.")
public final class DevCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(DevCommand.class);
    private static final int STORAGE_NODES = 3;
    private static final long JOURNAL_FILE_BYTES = 16L << 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--dir",
            defaultValue = "data",
            paramLabel = "DIR",
            description = "Folder for everything (default ./${DEFAULT-VALUE}).")
    private Path dir;

    @Option(
            names = "--kafka-port",
            defaultValue = "9092",
            paramLabel = "PORT",
            description = "Port for Kafka clients (default ${DEFAULT-VALUE}).")
    private int kafkaPort;

    @Option(
            names = "--http-port",
            defaultValue = "8080",
            paramLabel = "PORT",
            description = "Port of the HTTP interface (default ${DEFAULT-VALUE}).")
    private int httpPort;

    @Mixin
    private BucketOptions bucket;

    private final Deque<AutoCloseable> running = new ArrayDeque<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = dir.toAbsolutePath().normalize();
        running.push(locked(home));
        EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(home.resolve("zookeeper"), 0);
        running.push(zooKeeper);
        for (int n = 1; n <= STORAGE_NODES; n++) {
            running.push(StorageNode.start(storageNode(home, n, zooKeeper.connectString()), DevCommand::halt));
        }
        running.push(IngestNode.start(
                ingestNode(home, zooKeeper.connectString()), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)));
        PrintWriter out = spec.commandLine().getOut();
        out.printf("Kafka at 127.0.0.1:%d, HTTP at http://127.0.0.1:%d, data in %s%n", kafkaPort, httpPort, home);
        out.flush();
        Foreground.run("dev", this::close);
        return 0;
    }

    /** Keeps a second process out of the folder: two of them would write over each other's ZooKeeper. */
    private static FileChannel locked(Path home) throws IOException {
        Files.createDirectories(home);
        FileChannel lock = FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (lock.tryLock() == null) {
            lock.close();
            throw new IllegalStateException(home + " is in use by another siltstone dev; stop that, or choose --dir");
        }
        return lock;
    }

    /** Last started, first stopped; one that fails does not keep the others from stopping. */
    private void close() {
        while (!running.isEmpty()) {
            AutoCloseable node = running.pop();
            try {
                node.close();
            } catch (Exception e) {
                LOG.error("{} did not stop in good order", node.getClass().getSimpleName(), e);
            }
        }
    }

    private static StorageNodeConfig storageNode(Path home, int number, String zooKeeper) {
        return StorageNodeConfig.of(
                Map.of(
                        "node.id", Integer.toString(number),
                        "data.dir", home.resolve("storage-" + number).toString(),
                        "journal.file.bytes", Long.toString(JOURNAL_FILE_BYTES),
                        "zookeeper.connect", zooKeeper),
                Map.of());
    }

    private IngestNodeConfig ingestNode(Path home, String zooKeeper) {
        String url = bucket.url();
        Map<String, String> config = new HashMap<>(bucket.properties());
        config.put("node.id", "1");
        config.put("host", "127.0.0.1");
        config.put("port", Integer.toString(kafkaPort));
        config.put("http.port", Integer.toString(httpPort));
        config.put("zookeeper.connect", zooKeeper);
        config.put("bucket", url == null ? BucketOptions.folder(home.resolve("bucket")) : url);
        config.put("group.initial.rebalance.delay.ms", "0"); // as in the settings that Kafka ships for trying it out
        return IngestNodeConfig.of(config, Map.of());
    }

    private static void halt(Throwable failure) {
        LOG.error("A disk failed, this process ends at once", failure);
        Runtime.getRuntime().halt(StorageNodeCommand.DISK_FAILED);
    }
}
