package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.PooledByteBufAllocator;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Refusal;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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
    private static final long MAX_BYTES = 8 << 20;
    private static final int MANY = 3_500;

    @TempDir
    Path folder;

    private HeldServer held;
    private TestClient writer;
    private TestClient other;

    @SuppressWarnings("NullAway.Init") // start() completes it
    OverloadTest() {}

    @BeforeEach
    void start() throws IOException {
        held = new HeldServer(folder, MAX_BYTES, PooledByteBufAllocator.DEFAULT);
        writer = new TestClient(held.port);
        other = new TestClient(held.port);
    }

    @AfterEach
    void stop() {
        held.files.letAll();
        writer.close();
        other.close();
        held.close();
    }

    private Acknowledged append(SegmentId segment, int entries) {
        return Acknowledged.append(writer, segment, entries - 1);
    }

    @Test
    void fenceAndReadsOnAnotherConnectionAreAnsweredWhileAppendsAreBackedUp() {
        // given a writer that has sent more than the server may hold, and a disk that does not force
        append(BEFORE, 100).awaitAll();
        held.files.holdForces();
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
            held.files.letOneForce();
            assertThat(held.server.limit().bytes()).isLessThanOrEqualTo(MAX_BYTES);
            Thread.onSpinWait();
        }
        Answer<SegmentStanding> answer = fence.join();
        assertThat(answer).isInstanceOf(Answer.Ok.class);
        assertThat(((Answer.Ok<SegmentStanding>) answer).value().lastEntry()).isLessThan(MANY - 1);
    }

    @Test
    void whatStandsBehindAppendsThatFindNoRoomIsAnsweredAndTheAppendsAreRefused() {
        // given
        append(BEFORE, 100).awaitAll();
        held.files.holdForces();
        Acknowledged outcome = append(SEGMENT, MANY);

        // when the writer itself asks something, on the same connection
        Answer<SegmentStanding> standing = writer.stat(BEFORE);

        // then
        assertThat(standing).isInstanceOf(Answer.Ok.class);
        assertThat(outcome.awaitRefusal()).isEqualTo(Refusal.BUSY);
        assertThat(held.server.limit().bytes()).isBetween(1L, MAX_BYTES);

        // and once the disk is as fast as before, another segment is taken
        held.files.letAll();
        long taken =
                ((Answer.Ok<SegmentStanding>) other.fence(SEGMENT, 2)).value().lastEntry();
        assertThat(taken).isBetween(0L, MANY - 2L);
        append(new SegmentId(PARTITION, 3), 100).awaitAll();
    }

    @Test
    void journalGetsItsNextFilesWhileACheckpointIsWritten() {
        held.files.holdCheckpoints();
        for (int segment = 0; segment < 10; segment++) {
            append(new SegmentId(PARTITION, segment), 500).awaitAll();
        }
        assertThat(held.fatal).isNotDone();
    }
}
