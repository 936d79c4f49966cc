package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever ends a request, its memory is free again, and what it took of the limits is given back. */
@Timeout(60)
class BuffersComeBackTest {

    private static final SegmentId SEGMENT = new SegmentId(new PartitionId(new UUID(5, 6), 0), 2);
    private static final int LAST = 300;
    private static final int READ_BYTES = 1 << 20;

    /** As many of the greatest reads as may be under way. */
    private static final int ALL_READS = 16;

    @TempDir
    Path folder;

    private final KeptBuffers buffers = new KeptBuffers();
    private HeldServer held;
    private TestClient client;

    @SuppressWarnings("NullAway.Init") // start() completes it
    BuffersComeBackTest() {}

    @BeforeEach
    void start() throws IOException {
        held = new HeldServer(folder, 32 << 20, buffers);
        client = new TestClient(held.port);
        Acknowledged.append(client, SEGMENT, LAST).awaitAll();
    }

    @AfterEach
    void stop() {
        held.files.letAll();
        client.close();
        held.close();
        assertThat(held.fatal).isNotDone();
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            assertThat(Thread.currentThread().isInterrupted())
                    .as("the time is over")
                    .isFalse();
            Thread.onSpinWait();
        }
    }

    private List<CompletableFuture<Answer<List<Replicas.Entry>>>> askAllReads() {
        List<CompletableFuture<Answer<List<Replicas.Entry>>>> answers = new ArrayList<>();
        for (int i = 0; i < ALL_READS; i++) {
            answers.add(client.askRead(SEGMENT, 0, LAST, READ_BYTES));
        }
        return answers;
    }

    private static boolean isRead(TestClient by) {
        if (by.read(SEGMENT, 0, LAST, READ_BYTES) instanceof Answer.Ok<List<Replicas.Entry>> entries) {
            entries.value().forEach(entry -> entry.payload().release());
            return true;
        }
        return false;
    }

    @Test
    void readsOfKilledReaderAreReleasedAndOthersRead() {
        // given as many reads as the server carries out at once
        held.files.holdReads();
        askAllReads();
        await(held.files::isReadHeld);

        // when who asked is gone before they are over
        client.close();
        try (TestClient next = new TestClient(held.port)) {
            assertThat(next.stat(SEGMENT)).isInstanceOf(Answer.Ok.class);
            held.files.letAll();

            // then
            await(() -> isRead(next));
        }
        await(() -> buffers.heldBytes() == 0);
    }

    @Test
    void readThatFindsNoMemoryIsAnsweredAndLaterOnesAreRead() {
        // given
        buffers.denyReaders(true);

        // when more than may be under way at once ask one after the other
        for (int round = 0; round < 2; round++) {
            askAllReads()
                    .forEach(answer -> assertThat(
                                    answer.orTimeout(20, TimeUnit.SECONDS).join())
                            .isInstanceOf(Answer.Failed.class));
        }
        buffers.denyReaders(false);

        // then
        assertThat(isRead(client)).isTrue();
    }
}
