package io.siltstone.cli.demo;

/**
 * Measures how long acknowledgements of a partition stay away while records wait for them. A record's wait begins when
 * it was sent or when its partition was last acknowledged, whichever is later, so that an idle partition is no pause.
 * Acknowledgements come from the producer's thread, windows are read by another.
 */
final class PauseMeter {
    private final long[] lastAckNanos;
    private long longestNanos;

    PauseMeter(int partitions) {
        this.lastAckNanos = new long[partitions];
    }

    /** Begins a window: forgets the longest pause so far. */
    synchronized void begin() {
        longestNanos = 0;
    }

    /** A record was acknowledged. Times are of {@link System#nanoTime}. */
    synchronized void acknowledged(int partition, long sentNanos, long ackNanos) {
        long last = lastAckNanos[partition];
        long waitedSince = last == 0 ? sentNanos : Math.max(last, sentNanos);
        longestNanos = Math.max(longestNanos, ackNanos - waitedSince);
        lastAckNanos[partition] = ackNanos;
    }

    /** The longest pause since the window began, in milliseconds. */
    synchronized long longestMs() {
        return longestNanos / 1_000_000;
    }
}
