package io.siltstone.tiering.retention;

/** Refuses mass deletion: many orphans at once mean a mistaken reader sooner than much garbage. Pure. */
final class Brake {

    private static final long ALWAYS_ALLOWED_SEGMENTS = 32;
    private static final long ALWAYS_ALLOWED_NODES = 1_000;
    private static final int MOST_SEGMENTS_PERCENT = 10;
    private static final int MOST_NODES_PERCENT = 75;

    private Brake() {}

    /** Whether so many orphaned segment objects at or above the log start are too many. */
    static boolean holdsSegments(long orphans, long listed) {
        return orphans > ALWAYS_ALLOWED_SEGMENTS && orphans * 100 > listed * MOST_SEGMENTS_PERCENT;
    }

    /** Whether so many orphaned manifest nodes are too many; each commit leaves some behind. */
    static boolean holdsNodes(long orphans, long listed) {
        return orphans > ALWAYS_ALLOWED_NODES && orphans * 100 > listed * MOST_NODES_PERCENT;
    }
}
