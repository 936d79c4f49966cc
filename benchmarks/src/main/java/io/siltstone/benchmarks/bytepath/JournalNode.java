package io.siltstone.benchmarks.bytepath;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.siltstone.log.DiskId;
import io.siltstone.storage.journal.FileChannelJournalFiles;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.server.ServerMetrics;
import io.siltstone.storage.server.StorageServer;
import io.siltstone.storage.server.StorageServerSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** A real storage server without a cluster around it. Run as {@code JournalNode PORT DISK FOLDER}. */
public final class JournalNode {

    private static final long FILE_BYTES = 256 << 20;
    private static final long LIMIT_BYTES = 16 * FILE_BYTES;

    private JournalNode() {}

    /** Serves until it is killed; is ready when it prints so. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        DiskId disk = DiskId.parse(arguments[1]);
        StorageServerSettings settings = new StorageServerSettings(
                arguments[1],
                NodeProcess.CLUSTER_ID,
                disk,
                "127.0.0.1",
                Integer.parseInt(arguments[0]),
                96 << 20,
                48 << 20,
                64 << 20,
                4 << 20,
                1);
        StorageServer server = new StorageServer(
                settings,
                new JournalSettings(FILE_BYTES, LIMIT_BYTES),
                new FileChannelJournalFiles(Path.of(arguments[2])),
                new ServerMetrics(new SimpleMeterRegistry()),
                failure -> Runtime.getRuntime().halt(1));
        server.listen();
        System.out.println("ready");
        new CountDownLatch(1).await();
    }
}
