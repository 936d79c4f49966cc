package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
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

    @Test
    void appendsAreAcknowledgedAndReadBackOverARestart() throws IOException {
        try (TestClient client = new TestClient(start())) {
            Acknowledged.append(client, SEGMENT, 500).awaitAll();
            client.verify(SEGMENT, 500);
        }
        stop();
        try (TestClient client = new TestClient(start())) {
            client.verify(SEGMENT, 500);
        }
    }

    @Test
    void moreInFlightThanTheLimitIsTakenAsRoomComes() throws IOException {
        int port = start(8 << 20, 4 << 20);
        List<TestClient> clients = List.of(new TestClient(port), new TestClient(port), new TestClient(port));
        try {
            List<Acknowledged> acknowledged = new ArrayList<>();
            for (int i = 0; i < clients.size(); i++) {
                acknowledged.add(Acknowledged.append(clients.get(i), new SegmentId(PARTITION, 10 + i), 1_499));
            }
            acknowledged.forEach(Acknowledged::awaitAll);
        } finally {
            clients.forEach(TestClient::close);
        }
    }

    @Test
    void fenceTellsTheWriterAtOnce() throws IOException {
        int port = start();
        try (TestClient writer = new TestClient(port);
                TestClient next = new TestClient(port)) {
            Acknowledged acknowledged = Acknowledged.append(writer, SEGMENT, 9);
            acknowledged.awaitAll();
            assertThat(next.fence(SEGMENT, 2)).isEqualTo(new Answer.Ok<>(new SegmentStanding(true, 9, 8, 10, -1)));
            assertThat(acknowledged.awaitRefusal()).isEqualTo(Refusal.FENCED);
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
            Acknowledged.append(client, SEGMENT, 50).awaitAll();
            assertThat(client.delete(PARTITION, 3)).isEqualTo(new Answer.Ok<>(3L));
            assertThat(client.fence(SEGMENT, 9)).isInstanceOf(Answer.Failed.class);
        }
    }

    @Test
    void failingFsyncStopsTheNode() throws IOException {
        VolatileFiles files = new VolatileFiles();
        server = TestServer.start(files, JOURNAL, 32 << 20, 16 << 20, fatal::complete);
        try (TestClient client = new TestClient(server.listen())) {
            Acknowledged.append(client, SEGMENT, 5).awaitAll();
            files.failForce();
            Acknowledged.append(client, new SegmentId(PARTITION, 3), 0);
            assertThat(fatal.orTimeout(20, TimeUnit.SECONDS).join()).hasMessageContaining("Input/output error");
        }
    }
}
