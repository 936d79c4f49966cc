package io.siltstone.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class FeedPaceTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @Test
    void keepsItsRateFarFromTheLimit() {
        FeedPace pace = new FeedPace(1_000, 0);

        long due = 0;
        for (int n = 0; n <= 2_000; n++) {
            due = pace.next(1_000_000, due);
        }

        assertThat(due).isCloseTo(2 * SECOND, Offset.offset(1_000L));
    }

    @Test
    void hasRecordsLeftForAWhileHoweverSmallTheInput() {
        FeedPace pace = new FeedPace(100, 0);

        long now = 0;
        long left = 60;
        while (left > 0 && now < 15 * SECOND) {
            now = pace.next(left--, now);
        }

        assertThat(left).isPositive();
    }

    @Test
    void doesNotHurryAfterItWasHeldUp() {
        FeedPace pace = new FeedPace(1_000, 0);
        pace.next(1_000_000, 0);

        long due = pace.next(1_000_000, 60 * SECOND);

        assertThat(due).isEqualTo(59 * SECOND);
    }
}
