package io.siltstone.testkit.simulation;

/** One run of a process: its events die with it, and wait while it is paused. */
final class Lifetime {

    private boolean ended;
    private long pausedUntilMicros;

    void end() {
        ended = true;
    }

    boolean hasEnded() {
        return ended;
    }

    void pauseUntil(long micros) {
        pausedUntilMicros = micros;
    }

    long pausedUntilMicros() {
        return pausedUntilMicros;
    }
}
