package io.siltstone.ingest.connection;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Counts the bytes of requests that the node holds unanswered or unacknowledged, over all connections. Past the limit
 * connections stop reading; they go on once a quarter of it is free. Any thread.
 */
public final class RequestBudget {

    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();
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
        if (heldBytes.addAndGet(-bytes) <= resumeBelow()) {
            resume();
        }
    }

    public long heldBytes() {
        return heldBytes.get();
    }

    public boolean exhausted() {
        return heldBytes.get() >= limitBytes;
    }

    /** Calls once, on any thread, when there is room again. */
    public void whenFree(Runnable resume) {
        paused.add(resume);
        if (heldBytes.get() <= resumeBelow()) {
            resume();
        }
    }

    private long resumeBelow() {
        return limitBytes - limitBytes / 4;
    }

    private void resume() {
        for (Runnable next = paused.poll(); next != null; next = paused.poll()) {
            next.run();
        }
    }
}
