package io.siltstone.storage.server;

import io.netty.buffer.ByteBufAllocator;
import io.siltstone.storage.journal.FileChannelJournalFiles;
import io.siltstone.storage.journal.JournalSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A server on real files that a test holds back. */
final class HeldServer implements AutoCloseable {

    final HeldFiles files;
    final StorageServer server;
    final int port;
    /** Why the server gave up. */
    final CompletableFuture<Throwable> fatal = new CompletableFuture<>();

    HeldServer(Path folder, long maxBytes, ByteBufAllocator buffers) throws IOException {
        files = new HeldFiles(new FileChannelJournalFiles(folder));
        JournalSettings journal = new JournalSettings(1 << 20, 256 << 20);
        server = TestServer.start(files, journal, maxBytes, maxBytes / 2, buffers, fatal::complete);
        port = server.listen();
    }

    @Override
    public void close() {
        files.letAll();
        server.stop();
    }
}
