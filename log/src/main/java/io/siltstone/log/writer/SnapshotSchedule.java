package io.siltstone.log.writer;

/**
 * When an owner writes the partition's state into its log: first in each segment, and again as batches add up. Confined
 * to the partition's event loop.
 *
 * <p>Invariant: {@link #confirmedIn} names only segments whose first snapshot the ack quorum has whole (rule 13).
 */
final class SnapshotSchedule {

    private static final long EVERY_BYTES = 8 << 20;
    private static final int EVERY_SIZES = 8;

    private long bytesSince;
    private long sizeBytes;
    private long firstEntries;
    private long confirmedIn = -1;

    /** Enough batches follow the last snapshot for another one. */
    boolean isDue() {
        return bytesSince >= Math.max(EVERY_BYTES, EVERY_SIZES * sizeBytes);
    }

    /** Batches were sent. */
    void appended(long bytes) {
        bytesSince += bytes;
    }

    /** A snapshot was sent. */
    void written(long bytes) {
        sizeBytes = bytes;
        bytesSince = 0;
    }

    /** A segment began, with a snapshot of so many entries. */
    void begun(long entries) {
        firstEntries = entries;
    }

    /** The segment's entries up to this one are confirmed; tells whether its first snapshot is whole by that, once. */
    boolean confirmed(long segment, long lastEntry) {
        if (firstEntries == 0 || lastEntry < firstEntries - 1) {
            return false;
        }
        firstEntries = 0;
        confirmedIn = segment;
        return true;
    }

    /** The newest segment that begins with a confirmed snapshot; -1 while there is none. */
    long confirmedIn() {
        return confirmedIn;
    }
}
