package io.siltstone.metadata;

import io.siltstone.log.writer.Timers;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** Time as a scheduled executor of one thread tells it, on which its callbacks run. */
public final class ExecutorTimers implements Timers {

    private final ScheduledExecutorService thread;

    public ExecutorTimers(ScheduledExecutorService thread) {
        this.thread = thread;
    }

    @Override
    public long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public long wallClockMs() {
        return System.currentTimeMillis();
    }

    @Override
    public Timer schedule(long delayMs, Runnable action) {
        try {
            ScheduledFuture<?> future = thread.schedule(action, delayMs, TimeUnit.MILLISECONDS);
            return () -> future.cancel(false);
        } catch (RejectedExecutionException threadIsOver) {
            return () -> {};
        }
    }
}
