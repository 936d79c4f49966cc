package io.siltstone.cli.demo;

import java.util.concurrent.TimeUnit;

/**
 * When the feed sends its next record: at a steady rate, but slower and slower towards a limit that must not be passed
 * yet, so that some are always on their way. Times are of {@link System#nanoTime}. Confined to one thread.
 */
final class FeedPace {
    /** How long what is left to the limit lasts, at least, at the rate of the moment. */
    private static final long NANOS_TO_LIMIT = TimeUnit.SECONDS.toNanos(5);

    /** A feed that was held up catches up with no more than this. */
    private static final long MOST_LATE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long intervalNanos;
    private long dueNanos;

    /** A pace whose first record is due at {@code startNanos}. */
    FeedPace(double recordsPerSecond, long startNanos) {
        this.intervalNanos = (long) (TimeUnit.SECONDS.toNanos(1) / recordsPerSecond);
        this.dueNanos = startNanos;
    }

    /**
     * When the next record is due.
     *
     * @param left records that may be sent before the limit, this one included; at least 1
     */
    long next(long left, long nowNanos) {
        long due = Math.max(dueNanos, nowNanos - MOST_LATE_NANOS);
        dueNanos = due + Math.max(intervalNanos, NANOS_TO_LIMIT / left);
        return due;
    }
}
