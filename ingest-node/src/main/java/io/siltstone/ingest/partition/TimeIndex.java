package io.siltstone.ingest.partition;

import java.util.Arrays;

/**
 * Where to begin looking for a time: one point per {@value #SPACING_BYTES} bytes of what this node appended, each with
 * the greatest timestamp before it. Confined to the partition's event loop. What an earlier owner wrote is not in it.
 */
final class TimeIndex {

    private static final int SPACING_BYTES = 256 << 10;

    private long[] offsets = new long[16];
    private long[] greatestBefore = new long[16];
    private int count;
    private long greatest = -1;
    private long bytesSince = Long.MAX_VALUE;

    void add(long baseOffset, long maxTimestamp, int bytes) {
        if (bytesSince >= SPACING_BYTES) {
            if (count == offsets.length) {
                offsets = Arrays.copyOf(offsets, count * 2);
                greatestBefore = Arrays.copyOf(greatestBefore, count * 2);
            }
            offsets[count] = baseOffset;
            greatestBefore[count] = greatest;
            count++;
            bytesSince = 0;
        }
        bytesSince += bytes;
        if (maxTimestamp > greatest) {
            greatest = maxTimestamp;
        }
    }

    /**
     * An offset at or above {@code from} below which nothing from {@code from} on is as late as the timestamp.
     */
    long startFor(long timestamp, long from) {
        long start = from;
        for (int i = count - 1; i >= 0 && offsets[i] > from; i--) {
            if (greatestBefore[i] < timestamp) {
                start = offsets[i];
                break;
            }
        }
        return start;
    }

    /** Forgets the points below the offset, which lie in the bucket by now. */
    void trim(long belowOffset) {
        int keepFrom = 0;
        while (keepFrom < count && offsets[keepFrom] < belowOffset) {
            keepFrom++;
        }
        if (keepFrom > 0) {
            System.arraycopy(offsets, keepFrom, offsets, 0, count - keepFrom);
            System.arraycopy(greatestBefore, keepFrom, greatestBefore, 0, count - keepFrom);
            count -= keepFrom;
        }
    }
}
