package io.siltstone.client;

import java.util.concurrent.TimeUnit;

/** Port: the time that a pace is kept by. */
interface PaceClock {

    /** The machine's own. */
    PaceClock SYSTEM = new PaceClock() {
        @Override
        public long nanoTime() {
            return System.nanoTime();
        }

        @Override
        public void sleep(long nanos) throws InterruptedException {
            TimeUnit.NANOSECONDS.sleep(nanos);
        }
    };

    /** Monotonic, from an arbitrary origin. */
    long nanoTime();

    void sleep(long nanos) throws InterruptedException;
}
