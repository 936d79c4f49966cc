package io.siltstone.log.writer;

import io.siltstone.log.chain.Quorum;

/**
 * What a topic's settings ask of a partition's log; a change applies at the next roll.
 *
 * @param rollBytes a segment rolls when its batches reach this many bytes
 * @param rollAgeMs a segment that holds a batch rolls at this age, in milliseconds of wall clock
 * @param maxUnackedBytes a replica with more unacknowledged bytes is given up for the segment (rule 9)
 * @param replicaTimeoutMs so is one whose oldest unacknowledged entry is older
 */
public record LogSettings(Quorum quorum, int rollBytes, long rollAgeMs, long maxUnackedBytes, long replicaTimeoutMs) {

    /** Listed segments at which roll size and age begin to double, to keep the znode under 64 KiB. */
    private static final int LISTED_BEFORE_DOUBLING = 64;

    private static final int MOST_DOUBLINGS = 4;

    public LogSettings {
        if (rollBytes < 1 || rollAgeMs < 1 || maxUnackedBytes < 1 || replicaTimeoutMs < 1) {
            throw new IllegalArgumentException("roll at " + rollBytes + " bytes or " + rollAgeMs + " ms, "
                    + maxUnackedBytes + " unacknowledged bytes, " + replicaTimeoutMs + " ms: all must be above 0");
        }
    }

    public static LogSettings withDefaults(Quorum quorum) {
        return new LogSettings(quorum, 128 << 20, 600_000, 32 << 20, 5_000);
    }

    /** While the bucket is away the list of segments fills: the fuller, the larger and older the segments. */
    long rollBytes(int listedSegments) {
        return (long) rollBytes << doublings(listedSegments);
    }

    long rollAgeMs(int listedSegments) {
        return rollAgeMs << doublings(listedSegments);
    }

    private static int doublings(int listedSegments) {
        return Math.min(MOST_DOUBLINGS, listedSegments / LISTED_BEFORE_DOUBLING);
    }
}
