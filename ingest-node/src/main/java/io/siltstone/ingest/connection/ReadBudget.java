package io.siltstone.ingest.connection;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds the memory of answers that were read from disks or the bucket, over all connections, from before the read until
 * the socket has taken the answer. What the tail cache holds anyway does not count. Any thread.
 */
public final class ReadBudget {

    private final long limitBytes;
    private final AtomicLong takenBytes = new AtomicLong();

    public ReadBudget(long limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("a budget of " + limitBytes + " bytes reads nothing");
        }
        this.limitBytes = limitBytes;
    }

    /** Takes the bytes where they are left; whatever their number where nothing is taken at all. */
    public boolean take(long bytes) {
        while (true) {
            long taken = takenBytes.get();
            if (taken > 0 && taken + bytes > limitBytes) {
                return false;
            }
            if (takenBytes.compareAndSet(taken, taken + bytes)) {
                return true;
            }
        }
    }

    public void giveBack(long bytes) {
        if (takenBytes.addAndGet(-bytes) < 0) {
            throw new IllegalStateException("more was given back than taken");
        }
    }

    public long takenBytes() {
        return takenBytes.get();
    }
}
