package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Refusal;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten times the disk's mark through a process that is killed again and again. */
@Timeout(300)
class KilledServerTest {

    private static final long FILE_BYTES = 1 << 20;
    private static final long LIMIT_BYTES = 16 << 20;
    private static final int ENTRIES = 200;
    private static final PartitionId PARTITION = new PartitionId(new UUID(8, 8), 1);

    @TempDir
    Path folder;

    /** Set {@code siltstone.test.seed} to the printed one to send, kill and delete as then; timing stays the machine's. */
    private final long seed = Long.getLong("siltstone.test.seed", System.nanoTime());

    private final Random random = new Random(seed);
    private final Map<Long, Long> acknowledged = new HashMap<>();
    private final Map<Long, Long> sent = new HashMap<>();
    private ServerProcess process;
    private TestClient client;

    @SuppressWarnings("NullAway.Init") // start() comes first
    KilledServerTest() {}

    private void start() throws IOException {
        process = ServerProcess.start(folder, FILE_BYTES, LIMIT_BYTES);
        client = new TestClient(process.port());
    }

    private void kill() throws InterruptedException {
        process.kill();
        client.close();
    }

    @AfterEach
    void stop() throws InterruptedException {
        client.close();
        process.kill();
    }

    /** Counts what is acknowledged; ends when all is, or the link broke. */
    private static final class Progress implements Replicas.AppendListener {
        private final AtomicLong last = new AtomicLong(-1);
        private final CountDownLatch over = new CountDownLatch(1);
        private final long wanted;

        Progress(long wanted) {
            this.wanted = wanted;
        }

        @Override
        public void acknowledged(DiskId disk, long lastEntry) {
            last.set(lastEntry);
            if (lastEntry >= wanted) {
                over.countDown();
            }
        }

        @Override
        public void refused(DiskId disk, Refusal why) {
            over.countDown();
        }

        @Override
        public void linkLost(DiskId disk, String why) {
            over.countDown();
        }
    }

    @Test
    void noAcknowledgedEntryIsLostAndNoRecycledGroupComesBack() throws Exception {
        System.out.println("KilledServerTest: replay with -Dsiltstone.test.seed=" + seed);
        long written = 0;
        long segment = 0;
        int kills = 0;
        start();
        while (written < 10 * LIMIT_BYTES) {
            SegmentId id = new SegmentId(PARTITION, segment);
            Progress progress = new Progress(ENTRIES - 1);
            client.listen(id, progress);
            client.append(id, 0, ENTRIES - 1);
            sent.put(segment, ENTRIES - 1L);
            boolean killed = random.nextInt(12) == 0;
            if (killed) {
                progress.over.await(random.nextInt(40), TimeUnit.MILLISECONDS);
                kill();
                kills++;
                start();
            } else {
                assertThat(progress.over.await(60, TimeUnit.SECONDS))
                        .as("seed %d", seed)
                        .isTrue();
            }
            acknowledged.put(segment, progress.last.get());
            for (long entry = 0; entry <= progress.last.get(); entry++) {
                written += TestClient.bytesOf(id, entry).length;
            }
            if (killed) {
                verify();
            }
            segment++;
            if (acknowledged.size() > 6) {
                long below = segment - 2 - random.nextInt(3);
                if (client.delete(PARTITION, below) instanceof Answer.Ok<Long>) {
                    acknowledged.keySet().removeIf(number -> number < below);
                }
            }
        }
        verify();
        System.out.println("KilledServerTest: " + segment + " segments, " + kills + " kills");
        assertThat(kills).isPositive();
    }

    private void verify() {
        for (long number = 0; !acknowledged.isEmpty() && number < least(); number++) {
            SegmentId gone = new SegmentId(PARTITION, number);
            Answer<SegmentStanding> standing = client.stat(gone);
            assertThat(standing)
                    .as("seed %d, segment %d was dropped", seed, number)
                    .isEqualTo(new Answer.Ok<>(new SegmentStanding(true, -1, -1, 0, -1)));
        }
        acknowledged.forEach(this::verify);
    }

    private long least() {
        return acknowledged.keySet().stream().mapToLong(Long::longValue).min().orElseThrow();
    }

    private void verify(long number, long lastAcknowledged) {
        SegmentId id = new SegmentId(PARTITION, number);
        Answer<SegmentStanding> answer = client.stat(id);
        assertThat(answer).as("seed %d, segment %d", seed, number).isInstanceOf(Answer.Ok.class);
        SegmentStanding standing = ((Answer.Ok<SegmentStanding>) answer).value();
        assertThat(standing.lastEntry())
                .as("seed %d, segment %d", seed, number)
                .isBetween(lastAcknowledged, sent.getOrDefault(number, -1L));
        client.verify(id, standing.lastEntry());
    }
}
