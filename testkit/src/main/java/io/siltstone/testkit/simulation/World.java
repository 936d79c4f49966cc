package io.siltstone.testkit.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/** Simulated time and chance: events run one at a time in the order of their moments; all randomness is the seed's. */
final class World {

    private record Event(long atMicros, long order, Lifetime of, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atMicros, other.atMicros);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private static final long WALL_CLOCK_START_MS = 1_700_000_000_000L;

    private final SplittableRandom random;
    private final PriorityQueue<Event> queue = new PriorityQueue<>();
    private final List<String> story = new ArrayList<>();
    private final boolean telling;
    private long nowMicros;
    private long order;

    World(long seed, boolean telling) {
        this.random = new SplittableRandom(seed);
        this.telling = telling;
    }

    SplittableRandom random() {
        return random;
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    long nowMs() {
        return nowMicros / 1_000;
    }

    long wallClockMs() {
        return WALL_CLOCK_START_MS + nowMs();
    }

    /** Runs the action later, unless that life has ended by then; while it is paused, after the pause. */
    void after(long micros, Lifetime of, Runnable action) {
        queue.add(new Event(nowMicros + micros, order++, of, action));
    }

    /** Runs the next event; false where there is none before the moment. */
    boolean step(long untilMicros) {
        while (true) {
            Event event = queue.peek();
            if (event == null || event.atMicros() > untilMicros) {
                return false;
            }
            queue.remove();
            if (event.of().hasEnded()) {
                continue;
            }
            nowMicros = Math.max(nowMicros, event.atMicros());
            if (event.of().pausedUntilMicros() > nowMicros) {
                queue.add(new Event(event.of().pausedUntilMicros(), event.order(), event.of(), event.action()));
                continue;
            }
            event.action().run();
            return true;
        }
    }

    long nowMicros() {
        return nowMicros;
    }

    void tell(Supplier<String> what) {
        if (telling) {
            story.add(String.format("%10.3f ms  %s", nowMicros / 1_000.0, what.get()));
        }
    }

    List<String> story() {
        return story;
    }
}
