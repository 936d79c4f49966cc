package io.siltstone.client.stream;

/**
 * The bytes that all partitions of a replay together may have fetched or be fetching. A partition that holds nothing
 * may pass the limit with one piece, so that none starves.
 *
 * <p>Confined to the replay's thread.
 */
public final class PrefetchBudget {

    private static final int GREATEST_PIECE = 1 << 20;
    private static final int LEAST_PIECE = 16 << 10;

    private final long limitBytes;
    private final int pieceBytes;
    private long usedBytes;

    /** Shares the limit out among so many partitions. */
    public PrefetchBudget(long limitBytes, int partitions) {
        this.limitBytes = limitBytes;
        long fair = limitBytes / (2L * Math.max(1, partitions));
        this.pieceBytes = (int) Math.max(LEAST_PIECE, Math.min(GREATEST_PIECE, fair));
    }

    /** How much to read at once. */
    int pieceBytes() {
        return pieceBytes;
    }

    boolean tryAcquire(int bytes) {
        if (usedBytes + bytes > limitBytes) {
            return false;
        }
        usedBytes += bytes;
        return true;
    }

    void acquire(int bytes) {
        usedBytes += bytes;
    }

    void release(int bytes) {
        usedBytes -= bytes;
    }

    public long usedBytes() {
        return usedBytes;
    }
}
