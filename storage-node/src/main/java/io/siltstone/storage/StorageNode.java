package io.siltstone.storage;

import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.log.DiskId;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.zookeeper.ZooKeeperMetadata;
import io.siltstone.storage.journal.FileChannelJournalFiles;
import io.siltstone.storage.server.ServerMetrics;
import io.siltstone.storage.server.StorageServer;
import io.siltstone.storage.server.StorageServerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A storage node: one disk, served over TCP, registered with the cluster. */
public final class StorageNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StorageNode.class);
    /** One looks for what may be dropped, one tells the disk's room meanwhile. */
    private static final int COLLECTOR_THREADS = 2;

    private static final int ROOM_CHECK_MS = 500;

    private final StorageNodeConfig config;
    private final DiskIdentity identity;
    private final DiskId disk;
    private final Metadata metadata;
    private final PrometheusMeterRegistry registry;
    private final StorageServer server;
    private final ScheduledExecutorService collector;
    private HttpEndpoint http;
    private int port;
    private volatile boolean ready;
    private boolean stopped;

    @SuppressWarnings("NullAway.Init") // start() completes it before anyone sees it
    private StorageNode(
            StorageNodeConfig config,
            DiskIdentity identity,
            DiskId disk,
            Metadata metadata,
            PrometheusMeterRegistry registry,
            StorageServer server) {
        this.config = config;
        this.identity = identity;
        this.disk = disk;
        this.metadata = metadata;
        this.registry = registry;
        this.server = server;
        collector = Executors.newScheduledThreadPool(COLLECTOR_THREADS, task -> {
            Thread thread = new Thread(task, "storage-" + config.node() + "-collector");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts a node; returns when it is registered and serves.
     *
     * @param fatal called once, on any thread, when the disk failed: nothing may be served after that
     * @throws IOException the disk cannot be served
     */
    public static StorageNode start(StorageNodeConfig config, Consumer<Throwable> fatal) throws IOException {
        DiskIdentity identity = DiskIdentity.lock(config.dataDir());
        try {
            Optional<DiskIdentity.Cookie> known = identity.read();
            Metadata metadata =
                    ZooKeeperMetadata.connect(config.zooKeeper(), known.map(DiskIdentity.Cookie::clusterId));
            try {
                return start(config, identity, known, metadata, fatal);
            } catch (IOException | RuntimeException failure) {
                metadata.close();
                throw failure;
            }
        } catch (IOException | RuntimeException failure) {
            identity.close();
            throw failure;
        }
    }

    private static StorageNode start(
            StorageNodeConfig config,
            DiskIdentity identity,
            Optional<DiskIdentity.Cookie> known,
            Metadata metadata,
            Consumer<Throwable> fatal)
            throws IOException {
        DiskIdentity.Cookie cookie = known.isPresent() ? known.get() : identity.mint(metadata.clusterId());
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        registry.config().commonTags(Tags.of(Tag.of("node", config.node())));
        StorageServer server = new StorageServer(
                new StorageServerSettings(
                        config.node(),
                        metadata.clusterId(),
                        cookie.disk(),
                        config.host(),
                        config.port(),
                        config.inFlightBytes(),
                        config.connectionBytes(),
                        config.readingBytes(),
                        config.maxReadBytes(),
                        config.readThreads()),
                config.journal(),
                new FileChannelJournalFiles(identity.journalFolder()),
                new ServerMetrics(registry),
                fatal);
        StorageNode node = new StorageNode(config, identity, cookie.disk(), metadata, registry, server);
        try {
            node.serve();
        } catch (IOException | RuntimeException failure) {
            node.closeServing();
            throw failure;
        }
        return node;
    }

    private void serve() throws IOException {
        new JvmMemoryMetrics().bindTo(registry);
        http = HttpEndpoint.start(config.host(), config.httpPort(), registry, () -> ready);
        port = server.listen();
        StorageDiskImage image = new StorageDiskImage(
                disk,
                new SecureRandom().nextLong(),
                config.node(),
                config.advertisedHost(),
                port,
                "http://" + config.advertisedHost() + ":" + http.port(),
                config.zone(),
                true,
                true);
        try {
            metadata.store().registerStorageDisk(image).join();
        } catch (CompletionException failure) {
            throw new IOException("the disk cannot be registered: " + failure.getCause(), failure);
        }
        SegmentCollector segments = new SegmentCollector(disk, server, metadata.store(), metadata.view());
        collector.scheduleWithFixedDelay(
                quietly(segments::look), config.trimIntervalMs(), config.trimIntervalMs(), TimeUnit.MILLISECONDS);
        RoomReport room = new RoomReport(disk, server, metadata.store());
        collector.scheduleWithFixedDelay(quietly(room::tell), 0, ROOM_CHECK_MS, TimeUnit.MILLISECONDS);
        ready = true;
        LOG.info("Storage node {} serves disk {} at {}:{}", config.node(), disk, config.advertisedHost(), port);
    }

    /** Something periodic that may be interrupted. */
    @FunctionalInterface
    private interface Periodic {
        void run() throws InterruptedException;
    }

    private static Runnable quietly(Periodic task) {
        return () -> {
            try {
                task.run();
            } catch (InterruptedException stopping) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException failure) {
                LOG.error("Periodic work failed and will be tried again", failure);
            }
        };
    }

    public DiskId disk() {
        return disk;
    }

    public int port() {
        return port;
    }

    public int httpPort() {
        return http.port();
    }

    public boolean isReady() {
        return ready;
    }

    /** Leaves the cluster, makes durable what was taken, writes a checkpoint, and closes. */
    @Override
    public synchronized void close() {
        if (stopped) {
            return;
        }
        stopped = true;
        ready = false;
        try {
            metadata.store().unregisterStorageDisk(disk).join();
        } catch (CompletionException away) {
            LOG.warn("Could not leave the cluster; the session will end by itself: {}", away.toString());
        }
        closeServing();
        metadata.close();
        try {
            identity.close();
        } catch (IOException failure) {
            LOG.warn("Unlocking {} failed", config.dataDir(), failure);
        }
        LOG.info("Storage node {} has stopped", config.node());
    }

    private void closeServing() {
        collector.shutdownNow();
        server.stop();
        if (http != null) {
            http.close();
        }
    }

    /**
     * Runs a node until SIGTERM. The process ends at once, with code 3, when the disk fails.
     *
     * @param args the properties file
     */
    public static void main(String[] args) throws Exception {
        if (args.length > 1) {
            System.err.println("usage: StorageNode [PROPERTIES-FILE]; every key may also come from the environment");
            System.exit(2);
        }
        StorageNodeConfig config;
        try {
            config = args.length == 0
                    ? StorageNodeConfig.of(Map.of(), System.getenv())
                    : StorageNodeConfig.load(Path.of(args[0]), System.getenv());
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.exit(2);
            return;
        }
        run(config);
    }

    /** Runs a node until SIGTERM, in this process. */
    public static void run(StorageNodeConfig config) throws IOException, InterruptedException {
        StorageNode node = start(config, failure -> Runtime.getRuntime().halt(3));
        CountDownLatch stopped = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            node.close();
                            stopped.countDown();
                        },
                        "storage-" + config.node() + "-stop"));
        stopped.await();
    }
}
