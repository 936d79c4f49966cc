package io.siltstone.ingest.connection;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes of requests of one kind that the node holds unanswered or unacknowledged, over all connections. Past the
 * limit no more are read; reading goes on once a quarter of it is free. Any thread.
 */
public final class RequestBudget {

    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicInteger blocks = new AtomicInteger();
    private final Queue<Runnable> paused = new ConcurrentLinkedQueue<>();

    public RequestBudget(long limitBytes) {
        if (limitBytes <= 0) {
            throw new IllegalArgumentException("a budget of " + limitBytes + " bytes lets nothing in");
        }
        this.limitBytes = limitBytes;
    }

    public void hold(long bytes) {
        heldBytes.addAndGet(bytes);
    }

    public void free(long bytes) {
        heldBytes.addAndGet(-bytes);
        resumeIfFree();
    }

    public long heldBytes() {
        return heldBytes.get();
    }

    /** Somebody's memory is full: nothing more is to be read until {@link #unblock}. */
    public void block() {
        blocks.incrementAndGet();
    }

    public void unblock() {
        if (blocks.decrementAndGet() == 0) {
            resumeIfFree();
        }
    }

    public boolean exhausted() {
        return heldBytes.get() >= limitBytes || blocks.get() > 0;
    }

    /** Calls once, on any thread, when there is room again. */
    public void whenFree(Runnable resume) {
        paused.add(resume);
        resumeIfFree();
    }

    private void resumeIfFree() {
        if (paused.isEmpty() || blocks.get() > 0 || heldBytes.get() > limitBytes - limitBytes / 4) {
            return;
        }
        for (Runnable next = paused.poll(); next != null; next = paused.poll()) {
            next.run();
        }
    }
}
