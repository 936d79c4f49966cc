package io.siltstone.log.client;

import java.util.concurrent.TimeUnit;

/**
 * How one disk that falls behind holds its loop back. Past half of its bound clients are not read until it has caught
 * up to a quarter, so that a disk which is busy for a moment is not given up; but only for so long: time held back adds
 * up, time not held back pays it off. Confined to the loop of its link.
 */
final class HoldBack {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final long fromBytes;
    private final long untilBytes;
    private final Backpressure backpressure;
    private boolean holding;
    private long spentNanos;
    private long settledNanos;

    HoldBack(long boundBytes, Backpressure backpressure, long nowNanos) {
        fromBytes = boundBytes / 2;
        untilBytes = boundBytes / 4;
        this.backpressure = backpressure;
        settledNanos = nowNanos;
    }

    void observe(long unackedBytes, long nowNanos) {
        boolean holds = unackedBytes > (holding ? untilBytes : fromBytes);
        if (holds == holding) {
            return;
        }
        settle(nowNanos);
        holding = holds;
        if (holds) {
            backpressure.hold();
        } else {
            backpressure.letGo();
        }
    }

    boolean isHolding() {
        return holding;
    }

    /** The disk has held the loop back for as long as it may. */
    boolean isSpent(long nowNanos) {
        settle(nowNanos);
        return spentNanos > PATIENCE_NANOS;
    }

    /** The disk is given up; what it does from now on counts anew. */
    void reset(long nowNanos) {
        observe(0, nowNanos);
        spentNanos = 0;
    }

    private void settle(long nowNanos) {
        long elapsed = nowNanos - settledNanos;
        spentNanos = holding ? spentNanos + elapsed : Math.max(0, spentNanos - elapsed);
        settledNanos = nowNanos;
    }
}
