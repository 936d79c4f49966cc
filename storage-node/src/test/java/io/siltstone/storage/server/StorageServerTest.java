package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Refusal;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import io.siltstone.storage.journal.FileChannelJournalFiles;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server on real files and sockets, asked by the real client. */
@Timeout(60)
class StorageServerTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(5, 6), 0);
    private static final SegmentId SEGMENT = new SegmentId(PARTITION, 2);
    private static final JournalSettings JOURNAL = new JournalSettings(1 << 20, 32 << 20);

    @TempDir
    Path folder;

    private @Nullable StorageServer server;
    private final CompletableFuture<Throwable> fatal = new CompletableFuture<>();

    private int start() throws IOException {
        return start(32 << 20, 16 << 20);
    }

    private int start(long maxInFlightBytes, long maxConnectionBytes) throws IOException {
        server = TestServer.start(
                new FileChannelJournalFiles(folder), JOURNAL, maxInFlightBytes, maxConnectionBytes, fatal::complete);
        return server.listen();
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.stop();
        }
    }

    /** Completes with the last entry once it is acknowledged. */
    static final class Acknowledged implements Replicas.AppendListener {
        final CompletableFuture<Long> last = new CompletableFuture<>();
        final CompletableFuture<Refusal> refused = new CompletableFuture<>();
        private final long wanted;

        Acknowledged(long wanted) {
            this.wanted = wanted;
        }

        @Override
        public void acknowledged(DiskId disk, long lastEntry) {
            if (lastEntry >= wanted) {
                last.complete(lastEntry);
            }
        }

        @Override
        public void refused(DiskId disk, Refusal why) {
            refused.complete(why);
        }

        @Override
        public void linkLost(DiskId disk, String why) {
            last.completeExceptionally(new IOException(why));
        }
    }

    static void appendAll(TestClient client, SegmentId segment, long last) {
        Acknowledged acknowledged = new Acknowledged(last);
        client.listen(segment, acknowledged);
        client.append(segment, 0, last);
        assertThat(acknowledged.last.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(last);
    }

    private static void verify(TestClient client, SegmentId segment, long last) {
        long next = 0;
        while (next <= last) {
            Answer<List<Replicas.Entry>> answer = client.read(segment, next, last, 300_000);
            assertThat(answer).isInstanceOf(Answer.Ok.class);
            List<Replicas.Entry> entries = ((Answer.Ok<List<Replicas.Entry>>) answer).value();
            assertThat(entries).isNotEmpty();
            for (Replicas.Entry entry : entries) {
                byte[] bytes = new byte[entry.payload().readableBytes()];
                entry.payload().readBytes(bytes);
                entry.payload().release();
                assertThat(entry.header().entry()).isEqualTo(next);
                assertThat(bytes).isEqualTo(TestClient.bytesOf(segment, next));
                next++;
            }
        }
    }

    @Test
    void appendsAreAcknowledgedAndReadBackOverARestart() throws IOException {
        try (TestClient client = new TestClient(start())) {
            appendAll(client, SEGMENT, 500);
            verify(client, SEGMENT, 500);
        }
        stop();
        try (TestClient client = new TestClient(start())) {
            verify(client, SEGMENT, 500);
        }
    }

    @Test
    void moreInFlightThanTheLimitIsTakenAsRoomComes() throws IOException {
        int port = start(8 << 20, 4 << 20);
        List<TestClient> clients = List.of(new TestClient(port), new TestClient(port), new TestClient(port));
        try {
            List<Acknowledged> acknowledged = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++) {
                Acknowledged all = new Acknowledged(1_499);
                acknowledged.add(all);
                SegmentId segment = new SegmentId(PARTITION, 10 + i);
                clients.get(i).listen(segment, all);
                clients.get(i).append(segment, 0, 1_499);
            }
            for (Acknowledged all : acknowledged) {
                assertThat(all.last.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(1_499);
            }
        } finally {
            clients.forEach(TestClient::close);
        }
    }

    @Test
    void fenceTellsTheWriterAtOnce() throws IOException {
        int port = start();
        try (TestClient writer = new TestClient(port);
                TestClient next = new TestClient(port)) {
            Acknowledged acknowledged = new Acknowledged(9);
            writer.listen(SEGMENT, acknowledged);
            writer.append(SEGMENT, 0, 9);
            acknowledged.last.orTimeout(20, TimeUnit.SECONDS).join();
            assertThat(next.fence(SEGMENT, 2)).isEqualTo(new Answer.Ok<>(new SegmentStanding(true, 9, 8, 10, -1)));
            assertThat(acknowledged.refused.orTimeout(20, TimeUnit.SECONDS).join())
                    .isEqualTo(Refusal.FENCED);
        }
    }

    @Test
    void anotherDiskOrClusterIsTurnedAway() throws IOException {
        int port = start();
        try (TestClient client = new TestClient(port, new DiskId(new UUID(9, 9)), TestServer.CLUSTER)) {
            assertThat(client.stat(SEGMENT)).isInstanceOf(Answer.Unknown.class);
        }
        try (TestClient client = new TestClient(port, TestServer.DISK, "another")) {
            assertThat(client.stat(SEGMENT)).isInstanceOf(Answer.Unknown.class);
        }
    }

    @Test
    void deletedSegmentsAreGoneForGood() throws IOException {
        try (TestClient client = new TestClient(start())) {
            appendAll(client, SEGMENT, 50);
            assertThat(client.delete(PARTITION, 3)).isEqualTo(new Answer.Ok<>(3L));
            assertThat(client.fence(SEGMENT, 9)).isInstanceOf(Answer.Failed.class);
        }
    }

    @Test
    void failingFsyncStopsTheNode() throws IOException {
        VolatileFiles files = new VolatileFiles();
        server = TestServer.start(files, JOURNAL, 32 << 20, 16 << 20, fatal::complete);
        try (TestClient client = new TestClient(server.listen())) {
            appendAll(client, SEGMENT, 5);
            files.failForce();
            SegmentId other = new SegmentId(PARTITION, 3);
            client.listen(other, new Acknowledged(0));
            client.append(other, 0, 0);
            assertThat(fatal.orTimeout(20, TimeUnit.SECONDS).join()).hasMessageContaining("Input/output error");
        }
    }
}
