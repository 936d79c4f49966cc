package io.siltstone.benchmarks.restart;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.siltstone.log.DiskId;
import io.siltstone.storage.journal.FileChannelJournalFiles;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.server.ServerMetrics;
import io.siltstone.storage.server.StorageServer;
import io.siltstone.storage.server.StorageServerSettings;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;

/**
 * A storage server in its defaults without a cluster around it, run as {@code RestartNode FOLDER}. Prints its port once it
 * serves, and on every line that it reads the heap that its index and all else keep.
 */
public final class RestartNode {

    static final String CLUSTER_ID = "restart";
    static final DiskId DISK = new DiskId(new UUID(1, 1));

    private static final JournalSettings JOURNAL = new JournalSettings(256L << 20, 32L << 30);

    private RestartNode() {}

    /** Serves until it is killed. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        StorageServer server = new StorageServer(
                new StorageServerSettings(
                        "1", CLUSTER_ID, DISK, "127.0.0.1", 0, 96L << 20, 48L << 20, 64L << 20, 4 << 20, 2),
                JOURNAL,
                new FileChannelJournalFiles(Path.of(arguments[0])),
                new ServerMetrics(new SimpleMeterRegistry()),
                failure -> Runtime.getRuntime().halt(3));
        System.out.println("PORT " + server.listen());
        while (System.in.read() >= 0) {
            System.gc();
            System.out.println("HEAP "
                    + ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
        }
        new CountDownLatch(1).await();
    }
}
