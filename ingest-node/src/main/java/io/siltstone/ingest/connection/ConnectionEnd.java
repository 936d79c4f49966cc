package io.siltstone.ingest.connection;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The end of a connection, and who waits on its client's behalf until then. Confined to the connection's event loop, but
 * for {@link #isOver}, {@link #isGivenUp} and {@link #giveUp}.
 */
public final class ConnectionEnd {

    private final Set<Runnable> waiting = new LinkedHashSet<>();
    private final Runnable whenGivenUp;
    private final AtomicBoolean over = new AtomicBoolean();
    private volatile boolean givenUp;

    /**
     * The end of a connection that is there.
     *
     * @param whenGivenUp stops to read, and closes the connection when everything is answered; called on any thread, at most
     *     once
     */
    public ConnectionEnd(Runnable whenGivenUp) {
        this.whenGivenUp = whenGivenUp;
    }

    /**
     * A request of this connection waited in vain: no later one may be served before it comes again, and where it is
     * answered in an orderly way, what its client has sent meanwhile is in the socket already. So nothing more is served here;
     * on its next connection the client begins with what failed first. Any thread.
     */
    public void giveUp() {
        givenUp = true;
        if (over.compareAndSet(false, true)) {
            whenGivenUp.run();
        }
    }

    /** A request of this connection waited in vain, so no later one may be served. Any thread. */
    public boolean isGivenUp() {
        return givenUp;
    }

    /** The client is gone, or nothing more is served to it here. Any thread. */
    public boolean isOver() {
        return over.get();
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
        if (over.get()) {
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
        over.set(true);
        List<Runnable> all = List.copyOf(waiting);
        waiting.clear();
        all.forEach(Runnable::run);
    }
}
