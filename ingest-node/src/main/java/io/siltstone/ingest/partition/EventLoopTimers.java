package io.siltstone.ingest.partition;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.siltstone.log.writer.Timers;
import java.util.concurrent.TimeUnit;

/** Time as one event loop tells it. */
public final class EventLoopTimers implements Timers {

    private final EventLoop loop;

    public EventLoopTimers(EventLoop loop) {
        this.loop = loop;
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
        ScheduledFuture<?> scheduled = loop.schedule(action, delayMs, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }
}
