package io.siltstone.log.writer;

/** Port: time. Callbacks run on the thread of the state machine that asked. */
public interface Timers {

    /** Monotonic milliseconds from an arbitrary origin. */
    long nowMs();

    /** Wall clock in milliseconds since the epoch. */
    long wallClockMs();

    Timer schedule(long delayMs, Runnable action);

    /** One scheduled call. */
    interface Timer {
        void cancel();
    }
}
