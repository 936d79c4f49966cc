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
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose disk is slower than what its writers send. */
@Timeout(60)
class OverloadTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(5, 6), 0);
    private static final SegmentId BEFORE = new SegmentId(PARTITION, 1);
    private static final SegmentId SEGMENT = new SegmentId(PARTITION, 2);
    private static final JournalSettings JOURNAL = new JournalSettings(1 << 20, 256 << 20);
    private static final long MAX_BYTES = 8 << 20;
    private static final int MANY = 3_500;

    @TempDir
    Path folder;

    private final CompletableFuture<Throwable> fatal = new CompletableFuture<>();
    private HeldFiles files;
    private StorageServer server;
    private TestClient writer;
    private TestClient other;

    @SuppressWarnings("NullAway.Init") // start() completes it
    OverloadTest() {}

    @BeforeEach
    void start() throws IOException {
        files = new HeldFiles(new FileChannelJournalFiles(folder));
        server = TestServer.start(files, JOURNAL, MAX_BYTES, MAX_BYTES / 2, fatal::complete);
        int port = server.listen();
        writer = new TestClient(port);
        other = new TestClient(port);
    }

    @AfterEach
    void stop() {
        files.letAll();
        writer.close();
        other.close();
        server.stop();
    }

    private static final class Outcome implements Replicas.AppendListener {
        private final CompletableFuture<Long> last = new CompletableFuture<>();
        private final CompletableFuture<Refusal> refused = new CompletableFuture<>();
        private final long wanted;

        Outcome(long wanted) {
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

    private Outcome append(SegmentId segment, int entries) {
        Outcome outcome = new Outcome(entries - 1);
        writer.listen(segment, outcome);
        writer.append(segment, 0, entries - 1);
        return outcome;
    }

    private static <T> T await(CompletableFuture<T> future) {
        return future.orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Test
    void fenceAndReadsOnAnotherConnectionAreAnsweredWhileAppendsAreBackedUp() {
        // given a writer that has sent more than the server may hold, and a disk that does not force
        await(append(BEFORE, 100).last);
        files.holdForces();
        append(SEGMENT, MANY);

        // then others read
        assertThat(other.stat(BEFORE)).isInstanceOf(Answer.Ok.class);
        Answer<List<Replicas.Entry>> read = other.read(BEFORE, 0, 99, 100_000);
        assertThat(read).isInstanceOf(Answer.Ok.class);
        ((Answer.Ok<List<Replicas.Entry>>) read)
                .value()
                .forEach(entry -> entry.payload().release());

        // and a fence is answered as soon as what was held before it is forced, not what the writer sends on
        CompletableFuture<Answer<SegmentStanding>> fence = other.askFence(SEGMENT, 9);
        assertThat(other.stat(BEFORE)).isInstanceOf(Answer.Ok.class);
        while (!fence.isDone()) {
            files.letOneForce();
            assertThat(server.limit().bytes()).isLessThanOrEqualTo(MAX_BYTES);
            Thread.onSpinWait();
        }
        Answer<SegmentStanding> answer = await(fence);
        assertThat(answer).isInstanceOf(Answer.Ok.class);
        assertThat(((Answer.Ok<SegmentStanding>) answer).value().lastEntry()).isLessThan(MANY - 1);
    }

    @Test
    void whatStandsBehindAppendsThatFindNoRoomIsAnsweredAndTheAppendsAreRefused() {
        // given
        await(append(BEFORE, 100).last);
        files.holdForces();
        Outcome outcome = append(SEGMENT, MANY);

        // when the writer itself asks something, on the same connection
        Answer<SegmentStanding> standing = writer.stat(BEFORE);

        // then
        assertThat(standing).isInstanceOf(Answer.Ok.class);
        assertThat(await(outcome.refused)).isEqualTo(Refusal.BUSY);
        assertThat(server.limit().bytes()).isBetween(1L, MAX_BYTES);

        // and once the disk is as fast as before, another segment is taken
        files.letAll();
        long taken =
                ((Answer.Ok<SegmentStanding>) other.fence(SEGMENT, 2)).value().lastEntry();
        assertThat(taken).isBetween(0L, MANY - 2L);
        assertThat(await(append(new SegmentId(PARTITION, 3), 100).last)).isEqualTo(99);
    }

    @Test
    void journalGetsItsNextFilesWhileACheckpointIsWritten() {
        files.holdCheckpoints();
        for (int segment = 0; segment < 10; segment++) {
            assertThat(await(append(new SegmentId(PARTITION, segment), 500).last))
                    .isEqualTo(499);
        }
        assertThat(fatal).isNotDone();
    }
}
