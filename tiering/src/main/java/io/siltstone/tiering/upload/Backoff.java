package io.siltstone.tiering.upload;

import java.util.Random;

/** Waits that double with each failure in a row, half of each drawn at random. Confined to one thread. */
final class Backoff {

    private final long firstMs;
    private final long longestMs;
    private final Random random;
    private int failures;

    Backoff(long firstMs, long longestMs, Random random) {
        this.firstMs = firstMs;
        this.longestMs = longestMs;
        this.random = random;
    }

    /** How long to wait after one more failure. */
    long failed() {
        long delayMs = Math.min(longestMs, firstMs << Math.min(failures, 20));
        failures++;
        return delayMs - (long) (random.nextDouble() * delayMs / 2);
    }

    void succeeded() {
        failures = 0;
    }

    int failures() {
        return failures;
    }
}
