package io.siltstone.client;

import java.util.concurrent.TimeUnit;

/** Time that passes only while a replay sleeps. */
final class FakePaceClock implements PaceClock {

    private long nanos = 1_000;

    @Override
    public long nanoTime() {
        return nanos;
    }

    @Override
    public void sleep(long wait) {
        nanos += wait;
    }

    long elapsedMs() {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}
