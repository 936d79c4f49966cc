package io.siltstone.storage.server;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.siltstone.log.DiskId;
import io.siltstone.storage.journal.FileChannelJournalFiles;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.JournalSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.function.Consumer;

/** A storage server without a cluster; as a process of its own it is there to be killed. */
final class TestServer {

    static final DiskId DISK = new DiskId(new UUID(3, 4));
    static final String CLUSTER = "test-cluster";

    private TestServer() {}

    static StorageServer start(
            JournalFiles files,
            JournalSettings journal,
            long maxInFlightBytes,
            long maxConnectionBytes,
            Consumer<Throwable> fatal)
            throws IOException {
        return start(files, journal, maxInFlightBytes, maxConnectionBytes, PooledByteBufAllocator.DEFAULT, fatal);
    }

    static StorageServer start(
            JournalFiles files,
            JournalSettings journal,
            long maxInFlightBytes,
            long maxConnectionBytes,
            ByteBufAllocator buffers,
            Consumer<Throwable> fatal)
            throws IOException {
        return new StorageServer(
                new StorageServerSettings(
                        "test",
                        CLUSTER,
                        DISK,
                        "127.0.0.1",
                        0,
                        maxInFlightBytes,
                        maxConnectionBytes,
                        16 << 20,
                        1 << 20,
                        2),
                journal,
                files,
                new ServerMetrics(new SimpleMeterRegistry()),
                buffers,
                fatal);
    }

    /** Serves the folder until it is killed; prints its port. */
    public static void main(String[] args) throws IOException, InterruptedException {
        StorageServer server = start(
                new FileChannelJournalFiles(Path.of(args[0])),
                new JournalSettings(Long.parseLong(args[1]), Long.parseLong(args[2])),
                96 << 20,
                48 << 20,
                failure -> Runtime.getRuntime().halt(3));
        System.out.println("PORT " + server.listen());
        System.out.flush();
        Thread.currentThread().join();
    }
}
