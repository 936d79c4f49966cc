package io.siltstone.ingest.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.siltstone.log.writer.Timers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class ProduceQuotaTest {

    private static final long FOR_EVER = Long.MAX_VALUE;

    private final ManualTimers timers = new ManualTimers();
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final List<String> begun = new ArrayList<>();
    private final List<String> late = new ArrayList<>();
    private ProducePace pace = ProducePace.FREE;
    private boolean unreadable;
    private boolean closing;
    private final ProduceQuota quota =
            new ProduceQuota(() -> new ProduceQuota.Reading(pace(), RecordRoom.UNKNOWN, 0), timers, registry);

    @Test
    void withoutALimitEveryTurnBeginsAtOnceAndNobodyIsAskedToWait() {
        ask("a", 1 << 30, FOR_EVER);
        ask("b", 1 << 30, FOR_EVER);

        assertThat(begun).containsExactly("a", "b");
        assertThat(quota.throttleMs()).isZero();
    }

    @Test
    void turnsBeginInOrderAndAtThePace() {
        limit(1_000);
        ask("a", 1_000, FOR_EVER);
        ask("b", 1_000, FOR_EVER);
        ask("c", 1_000, FOR_EVER);

        timers.advance(900);
        assertThat(begun).containsExactly("a");
        timers.advance(1_000);
        assertThat(begun).containsExactly("a", "b");
        timers.advance(1_000);
        assertThat(begun).containsExactly("a", "b", "c");
    }

    @Test
    void smallRequestDoesNotOvertakeALargeOne() {
        limit(1_000);
        ask("large", 10_000, FOR_EVER);
        ask("larger", 20_000, FOR_EVER);
        ask("small", 1, FOR_EVER);

        timers.advance(5_000);

        assertThat(begun).containsExactly("large");
    }

    @Test
    void manySmallTurnsKeepThePaceAlthoughTimersAreCoarse() {
        limit(1_000_000);
        for (int i = 0; i < 5_000; i++) {
            ask("turn", 1_000, FOR_EVER);
        }

        timers.advance(2_000);

        assertThat(begun.size()).isBetween(1_900, 2_200);
    }

    @Test
    void clientsAreAskedToWaitUntilWhatWaitsIsThrough() {
        limit(1_000);
        ask("a", 500, FOR_EVER);
        ask("b", 1_500, FOR_EVER);

        assertThat(quota.throttleMs()).isBetween(1_800, 2_000);
        ask("c", 1_000_000, FOR_EVER);
        assertThat(quota.throttleMs()).isEqualTo(5_000);
        assertThat(registry.counter("siltstone.ingest.produce.throttled").count())
                .isEqualTo(2);
    }

    @Test
    void withoutAnyRoomTurnsWaitUntilTheyAreLate() {
        limit(0);
        ask("impatient", 10, timers.nowMs() + 1_000);
        ask("patient", 10, FOR_EVER);

        timers.advance(60_000);

        assertThat(begun).isEmpty();
        assertThat(late).containsExactly("impatient");
    }

    @Test
    void everybodyBeginsWhenTheRoomIsBack() {
        limit(0);
        ask("a", 1 << 20, FOR_EVER);
        ask("b", 1 << 20, FOR_EVER);
        timers.advance(60_000);
        assertThat(begun).isEmpty();

        pace = ProducePace.FREE;
        timers.advance(250);

        assertThat(begun).containsExactly("a", "b");
        assertThat(quota.throttleMs()).isZero();
    }

    @Test
    void turnsOfClientsThatAreGoneLeaveTheLine() {
        limit(0);
        quota.admit(10, FOR_EVER, Runnable::run, new Recorded("gone", "gone", true));

        timers.advance(250);

        assertThat(late).containsExactly("gone");
    }

    @Test
    void turnThatIsLateTakesWithItTheLaterOnesOfItsSenderAlone() {
        limit(0);
        ask("before", "sender", FOR_EVER);
        ask("impatient", "sender", timers.nowMs() + 1_000);
        ask("of another", "another", FOR_EVER);
        ask("behind", "sender", FOR_EVER);

        timers.advance(1_000);
        assertThat(late).containsExactly("impatient", "behind");
        pace = ProducePace.FREE;
        timers.advance(250);

        assertThat(begun).containsExactly("before", "of another");
    }

    @Test
    void nobodyOvertakesATurnThatIsOnItsWayToItsLoop() {
        Queue<Runnable> loop = new ArrayDeque<>();
        limit(0);
        quota.admit(10, FOR_EVER, loop::add, new Recorded("first", "first", false));
        pace = ProducePace.FREE;
        timers.advance(250);
        assertThat(begun).isEmpty();

        quota.admit(10, FOR_EVER, loop::add, new Recorded("second", "second", false));
        while (!loop.isEmpty()) {
            loop.remove().run();
            timers.advance(250);
        }

        assertThat(begun).containsExactly("first", "second");
    }

    @Test
    void paceIsReadAgainAfterItCouldNotBeRead() {
        limit(0);
        ask("a", 10, FOR_EVER);
        unreadable = true;
        timers.advance(250);

        unreadable = false;
        pace = ProducePace.FREE;
        timers.advance(250);

        assertThat(begun).containsExactly("a");
    }

    @Test
    void paceThatIsReadWhileTheQuotaIsClosedSlowsNobody() {
        // given
        limit(0);
        ask("waiting", 10, FOR_EVER);

        // when
        closing = true;
        timers.advance(250);
        ask("later", 10, FOR_EVER);

        // then
        assertThat(begun).containsExactly("waiting", "later");
        assertThat(quota.throttleMs()).isZero();
    }

    private ProducePace pace() {
        if (closing) {
            quota.close();
        }
        if (unreadable) {
            throw new IllegalStateException("unreadable as the test wants it");
        }
        return pace;
    }

    private void limit(double bytesPerSecond) {
        pace = new ProducePace(bytesPerSecond);
        timers.advance(250);
    }

    private void ask(String name, long bytes, long deadlineMs) {
        quota.admit(bytes, deadlineMs, Runnable::run, new Recorded(name, name, false));
    }

    private void ask(String name, String sender, long deadlineMs) {
        quota.admit(10, deadlineMs, Runnable::run, new Recorded(name, sender, false));
    }

    private final class Recorded implements ProduceQuota.Turn {

        private final String name;
        private final String sender;
        private final boolean pointless;

        Recorded(String name, String sender, boolean pointless) {
            this.name = name;
            this.sender = sender;
            this.pointless = pointless;
        }

        @Override
        public void begin() {
            begun.add(name);
        }

        @Override
        public void late() {
            late.add(name);
        }

        @Override
        public boolean isPointless() {
            return pointless;
        }

        @Override
        public Object sender() {
            return sender;
        }
    }

    /** Time that passes when the test says so. */
    private static final class ManualTimers implements Timers {

        private record Due(long atMs, long order, Runnable action) {}

        private final PriorityQueue<Due> due =
                new PriorityQueue<>(Comparator.comparingLong(Due::atMs).thenComparingLong(Due::order));
        private long nowMs;
        private long order;

        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public long wallClockMs() {
            return nowMs;
        }

        @Override
        public Timer schedule(long delayMs, Runnable action) {
            Due timer = new Due(nowMs + delayMs, order++, action);
            due.add(timer);
            return () -> due.remove(timer);
        }

        void advance(long ms) {
            long until = nowMs + ms;
            while (!due.isEmpty() && due.element().atMs() <= until) {
                Due next = due.remove();
                nowMs = next.atMs();
                next.action().run();
            }
            nowMs = until;
        }
    }
}
