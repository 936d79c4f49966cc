package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class InFlightLimitTest {

    private static final int MAX = 1000;
    private static final int MAX_CONNECTION = 400;

    private long nowMs = 5;
    private final InFlightLimit limit = new InFlightLimit(MAX, MAX_CONNECTION, () -> nowMs);
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final InFlightLimit.Account account = limit.open(channel);

    private static boolean isRead(EmbeddedChannel channel) {
        return channel.config().isAutoRead();
    }

    @Test
    void readingStopsAtHalfABoundAndGoesOnAtAQuarter() {
        account.take(199);
        assertThat(isRead(channel)).isTrue();
        account.take(1);
        assertThat(isRead(channel)).isFalse();
        account.release(99);
        assertThat(isRead(channel)).isFalse();
        account.release(1);
        assertThat(isRead(channel)).isTrue();
    }

    @Test
    void atHalfTheBoundOfAllEveryConnectionThatHoldsSomethingStopsAndOthersAreRead() {
        List<EmbeddedChannel> writers = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            EmbeddedChannel writer = new EmbeddedChannel();
            writers.add(writer);
            assertThat(limit.open(writer).take(100)).isTrue();
        }
        assertThat(writers).noneMatch(InFlightLimitTest::isRead);
        assertThat(isRead(channel)).isTrue();
    }

    @Test
    void afterPatienceTheSocketIsReadAndAppendsAreRefusedUntilThereIsRoom() {
        account.take(300);
        nowMs += InFlightLimit.PATIENCE_MS - 1;
        limit.losePatience();
        assertThat(isRead(channel)).isFalse();

        nowMs++;
        limit.losePatience();
        assertThat(isRead(channel)).isTrue();
        assertThat(account.take(1)).isFalse();

        account.release(200);
        assertThat(account.take(1)).isTrue();
    }

    @Test
    void connectionWhoseAnswersAreNotTakenIsNotReadHoweverLong() {
        account.blocked(true);
        nowMs += 10 * InFlightLimit.PATIENCE_MS;
        limit.losePatience();
        assertThat(isRead(channel)).isFalse();
        account.blocked(false);
        assertThat(isRead(channel)).isTrue();
    }

    @Test
    void closedConnectionIsPausedNoMoreButWhatItHoldsCounts() {
        // given a connection that is gone while it holds something
        assertThat(account.take(100)).isTrue();
        account.closed();

        // when another brings all to half the bound, and the answers of the gone one are not taken
        assertThat(limit.open(new EmbeddedChannel()).take(400)).isTrue();
        account.blocked(true);

        // then
        assertThat(limit.pausedConnections()).isEqualTo(1);
        assertThat(isRead(channel)).isTrue();
        account.release(100);
        assertThat(limit.bytes()).isEqualTo(400);
    }

    @Test
    void closedConnectionIsNotCountedAsPausedHoweverMuchItHolds() {
        account.take(300);
        assertThat(limit.pausedConnections()).isEqualTo(1);

        account.closed();

        assertThat(limit.pausedConnections()).isZero();
        assertThat(limit.bytes()).isEqualTo(300);
    }

    @Test
    void noBoundIsEverPassed() {
        long seed = Long.getLong("siltstone.test.seed", 7);
        Random random = new Random(seed);
        List<InFlightLimit.Account> accounts = new ArrayList<>();
        List<Deque<Integer>> held = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            accounts.add(limit.open(new EmbeddedChannel()));
            held.add(new ArrayDeque<>());
        }
        for (int step = 0; step < 20_000; step++) {
            int i = random.nextInt(accounts.size());
            int bytes = 1 + random.nextInt(MAX_CONNECTION / 2);
            if (random.nextInt(3) > 0) {
                if (accounts.get(i).take(bytes)) {
                    held.get(i).add(bytes);
                }
            } else if (!held.get(i).isEmpty()) {
                accounts.get(i).release(held.get(i).remove());
            }
            nowMs += random.nextInt(100);
            limit.losePatience();
            assertThat(limit.bytes()).as("seed %d", seed).isBetween(0L, (long) MAX);
            assertThat(held.get(i).stream().mapToInt(Integer::intValue).sum())
                    .as("seed %d", seed)
                    .isLessThanOrEqualTo(MAX_CONNECTION);
        }
    }
}
