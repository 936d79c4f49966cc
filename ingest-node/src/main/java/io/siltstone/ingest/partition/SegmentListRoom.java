package io.siltstone.ingest.partition;

/**
 * How much longer a partition's list of segments may grow: it is one znode, which is to stay below 64 KiB. Pure.
 *
 * <p>The list grows while the bucket is away; roll size and age have doubled four times before producers feel anything.
 */
final class SegmentListRoom {

    /** From here on producers are slowed. */
    static final int SLOW_FROM = 320;

    /** From here on nothing is appended; some rolls and takeovers still fit. */
    static final int FULL_AT = 384;

    private static final int LONGEST_DELAY_MS = 5_000;

    private SegmentListRoom() {}

    /** How long who appended should wait before the next time, in milliseconds. */
    static int delayMs(int listedSegments) {
        double filled = (double) (listedSegments - SLOW_FROM) / (FULL_AT - SLOW_FROM);
        double share = Math.min(1, Math.max(0, filled));
        return (int) Math.round(LONGEST_DELAY_MS * share * share);
    }

    static boolean isFull(int listedSegments) {
        return listedSegments >= FULL_AT;
    }
}
