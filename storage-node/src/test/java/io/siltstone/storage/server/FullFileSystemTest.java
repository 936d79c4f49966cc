package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Refusal;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.nio.file.Path;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server whose file system others fill to the last byte. Its disk limit alone would let it go on for long. */
@Timeout(180)
class FullFileSystemTest {

    private static final long FILE_BYTES = 1 << 20;
    private static final long LIMIT_BYTES = 1 << 30;
    private static final int ENTRIES = 100;
    private static final PartitionId PARTITION = new PartitionId(new UUID(8, 9), 1);

    @TempDir
    Path folder;

    /** Tells how far a segment came before it was refused or all was acknowledged. */
    private static final class Outcome implements Replicas.AppendListener {
        private final CompletableFuture<Boolean> taken = new CompletableFuture<>();
        private long last = -1;

        @Override
        public void acknowledged(DiskId disk, long lastEntry) {
            last = lastEntry;
            if (lastEntry == ENTRIES - 1) {
                taken.complete(true);
            }
        }

        @Override
        public void refused(DiskId disk, Refusal why) {
            assertThat(why).isEqualTo(Refusal.BUSY);
            taken.complete(false);
        }

        @Override
        public void linkLost(DiskId disk, String why) {
            taken.completeExceptionally(new AssertionError("the server is gone: " + why));
        }
    }

    private static Outcome append(TestClient client, long segment) {
        Outcome outcome = new Outcome();
        SegmentId id = new SegmentId(PARTITION, segment);
        client.listen(id, outcome);
        client.append(id, 0, ENTRIES - 1);
        outcome.taken.orTimeout(30, TimeUnit.SECONDS).join();
        return outcome;
    }

    @Test
    void appendsAreRefusedAllElseIsServedAndAStartSucceedsUntilRoomIsMade() throws Exception {
        try (LoopFileSystem fileSystem = LoopFileSystem.mount(folder, 48 << 20)) {
            Path journal = fileSystem.path().resolve("journal");
            ServerProcess server = ServerProcess.start(journal, FILE_BYTES, LIMIT_BYTES);
            TestClient client = new TestClient(server.port());
            try {
                // given others fill the file system while it is written, and it refuses appends
                long segment = 0;
                Outcome outcome = append(client, segment);
                while (outcome.last == ENTRIES - 1) {
                    if (segment == 20) {
                        fileSystem.fill();
                    }
                    outcome = append(client, ++segment);
                }
                fileSystem.fill();

                // when it is killed and started again and again, whatever it was at
                for (int starts = 0; starts < 6; starts++) {
                    client.close();
                    server.kill();
                    fileSystem.fill();
                    server = ServerProcess.start(journal, FILE_BYTES, LIMIT_BYTES);
                    client = new TestClient(server.port());

                    // then it reads, fences and refuses appends
                    client.verify(new SegmentId(PARTITION, 0), ENTRIES - 1);
                    client.verify(new SegmentId(PARTITION, segment), outcome.last);
                    assertThat(client.fence(new SegmentId(PARTITION, segment), 2 + starts))
                            .isInstanceOf(Answer.Ok.class);
                    assertThat(append(client, segment + 1 + starts).last).isLessThan(ENTRIES - 1);
                }

                // and when what it holds is deleted it takes appends again, in the same files
                assertThat(client.delete(PARTITION, 1_000)).isInstanceOf(Answer.Ok.class);
                long next = 1_000;
                while (append(client, next).last < ENTRIES - 1) {
                    next++;
                }
                assertThat(client.stat(new SegmentId(PARTITION, next)))
                        .extracting(answer ->
                                ((Answer.Ok<SegmentStanding>) answer).value().lastEntry())
                        .isEqualTo(ENTRIES - 1L);
                assertThat(server.isAlive()).isTrue();
            } finally {
                client.close();
                server.kill();
            }
        }
    }
}
