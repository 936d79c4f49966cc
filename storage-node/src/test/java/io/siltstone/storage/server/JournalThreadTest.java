package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.PartitionId;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import io.siltstone.storage.replica.ReplicaEngine;
import io.siltstone.storage.replica.ReplicaRules;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The journal thread with a core whose loop is one plain thread. */
@Timeout(60)
class JournalThreadTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(5, 6), 0);

    private final ExecutorService loop = Executors.newSingleThreadExecutor();
    private final CompletableFuture<Throwable> fatal = new CompletableFuture<>();
    private final ReplicaEngine engine = ReplicaEngine.startInline(
            new VolatileFiles(),
            TestServer.DISK,
            new JournalSettings(1 << 20, 32 << 20),
            new ReplicaRules(),
            new Random(1));
    private final JournalThread journal = new JournalThread("journal-test", engine, loop, nanos -> {}, fatal::complete);

    JournalThreadTest() throws IOException {}

    @AfterEach
    void stop() throws InterruptedException, IOException {
        journal.stop(10_000);
        loop.shutdown();
        engine.close();
    }

    @Test
    void failureOfTheCoreAfterAnFsyncStopsTheNode() {
        // given
        journal.start();
        IllegalStateException broken = new IllegalStateException("the index does not take it");

        // when
        loop.execute(() -> {
            engine.core().drop(PARTITION, 1, () -> {
                throw broken;
            });
            journal.wake();
        });

        // then
        assertThat(fatal.orTimeout(20, TimeUnit.SECONDS).join()).isSameAs(broken);
    }
}
