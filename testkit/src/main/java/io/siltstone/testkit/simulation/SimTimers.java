package io.siltstone.testkit.simulation;

import io.siltstone.log.writer.Timers;
import java.util.concurrent.atomic.AtomicBoolean;

/** The timers of one process. */
record SimTimers(World world, Lifetime life) implements Timers {

    @Override
    public long nowMs() {
        return world.nowMs();
    }

    @Override
    public long wallClockMs() {
        return world.wallClockMs();
    }

    @Override
    public Timer schedule(long delayMs, Runnable action) {
        AtomicBoolean cancelled = new AtomicBoolean();
        world.after(delayMs * 1_000, life, () -> {
            if (!cancelled.get()) {
                action.run();
            }
        });
        return () -> cancelled.set(true);
    }
}
