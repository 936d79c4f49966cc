package io.siltstone.benchmarks.bytepath;

import java.util.concurrent.atomic.AtomicLongArray;

/** Counts of times by their size, in steps of an eighth of a power of two. Any thread may record. */
final class Latencies {

    private static final int STEPS = 8;

    private final AtomicLongArray counts = new AtomicLongArray(64 * STEPS);

    void record(long nanos) {
        counts.incrementAndGet(bucket(Math.max(STEPS, nanos)));
    }

    private static int bucket(long nanos) {
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        return power * STEPS + (int) (nanos >>> (power - 3)) - STEPS;
    }

    void reset() {
        for (int i = 0; i < counts.length(); i++) {
            counts.set(i, 0);
        }
    }

    /** The time that this share of all did not exceed, in milliseconds. */
    double millis(double share) {
        long total = 0;
        for (int i = 0; i < counts.length(); i++) {
            total += counts.get(i);
        }
        long wanted = (long) (total * share);
        for (int i = 0; i < counts.length(); i++) {
            wanted -= counts.get(i);
            if (wanted <= 0) {
                long power = i / STEPS;
                return ((1L << power) + (i % STEPS + 1) * (1L << power) / (double) STEPS) / 1e6;
            }
        }
        return 0;
    }
}
