package io.siltstone.ingest.connection;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The end of a connection, and who waits on its client's behalf until then. Confined to the connection's event loop, but
 * for {@link #isOver}.
 */
public final class ConnectionEnd {

    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private volatile boolean over;

    /** The client is gone. Any thread. */
    public boolean isOver() {
        return over;
    }

    /** How many wait now. */
    public int waiting() {
        return waiting.size();
    }

    /**
     * Calls who waits when the connection ends, once; at once where it has ended.
     *
     * @param whenOver the object to {@link #forget} by
     */
    public void await(Runnable whenOver) {
        if (over) {
            whenOver.run();
        } else {
            waiting.add(whenOver);
        }
    }

    /** It waits no longer. */
    public void forget(Runnable whenOver) {
        waiting.remove(whenOver);
    }

    /** The client is gone: everybody who waits is called. */
    public void end() {
        over = true;
        List<Runnable> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Runnable::run);
    }
}
