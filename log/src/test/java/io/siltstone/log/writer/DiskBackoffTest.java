package io.siltstone.log.writer;

import static io.siltstone.log.writer.DiskBackoff.FIRST_REST_MS;
import static io.siltstone.log.writer.DiskBackoff.LONGEST_REST_MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class DiskBackoffTest {

    private static final DiskId DISK = new DiskId(new UUID(0, 1));
    private static final DiskId OTHER = new DiskId(new UUID(0, 2));

    private final DiskBackoff backoff = new DiskBackoff();

    @Test
    void diskRestsAWhileAfterItFailed() {
        backoff.failed(DISK, 1_000);

        assertThat(backoff.resting(1_000)).containsExactly(DISK);
        assertThat(backoff.resting(1_000 + FIRST_REST_MS - 1)).containsExactly(DISK);
        assertThat(backoff.resting(1_000 + FIRST_REST_MS)).isEmpty();
    }

    @Test
    void eachFurtherFailureDoublesTheRestUpToItsLongest() {
        long nowMs = 0;
        long restMs = FIRST_REST_MS;
        for (int failure = 0; failure < 12; failure++) {
            backoff.failed(DISK, nowMs);
            assertThat(backoff.resting(nowMs + restMs - 1)).containsExactly(DISK);
            assertThat(backoff.resting(nowMs + restMs)).isEmpty();
            nowMs += restMs;
            restMs = Math.min(LONGEST_REST_MS, 2 * restMs);
        }
        assertThat(restMs).isEqualTo(LONGEST_REST_MS);
    }

    @Test
    void diskThatWasWellForLongBeginsAnew() {
        backoff.failed(DISK, 0);
        backoff.failed(DISK, FIRST_REST_MS);
        long wellMs = FIRST_REST_MS + 10 * 2 * FIRST_REST_MS;
        backoff.failed(DISK, wellMs);

        assertThat(backoff.resting(wellMs + FIRST_REST_MS)).isEmpty();
    }

    @Test
    void disksRestEachForThemselves() {
        backoff.failed(DISK, 0);
        backoff.failed(OTHER, 5_000);

        assertThat(backoff.resting(FIRST_REST_MS)).containsExactly(OTHER);
    }
}
