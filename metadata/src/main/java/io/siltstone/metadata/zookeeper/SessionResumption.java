package io.siltstone.metadata.zookeeper;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.apache.curator.utils.ZookeeperFactory;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.ZooKeeper;
import org.jspecify.annotations.Nullable;

/**
 * Makes handles that go on with the session of the handle before, as long as only the client gave that session up.
 *
 * <p>ZooKeeper's client and Curator end a session by themselves after a while without a server. But a server that
 * restarts keeps its sessions; a node that began a new one would lose its registration, and with it its partitions, to
 * nothing but a long restart. Whether a session is over is for the server to say: who asks to go on with one that is
 * gets a plain answer, and then begins anew. Calls are serialised by Curator.
 */
final class SessionResumption implements ZookeeperFactory {

    private @Nullable Handle last;

    @Override
    public synchronized ZooKeeper newZooKeeper(
            String connect, int sessionTimeoutMs, Watcher watcher, boolean canBeReadOnly) throws IOException {
        Observed observed = new Observed(watcher);
        Handle before = last;
        Handle next = before != null && before.mayGoOn(sessionTimeoutMs)
                ? new Handle(connect, sessionTimeoutMs, observed, before, canBeReadOnly)
                : new Handle(connect, sessionTimeoutMs, observed, canBeReadOnly);
        last = next;
        return next;
    }

    /** Passes events on and remembers whether the handle ever was connected. */
    private static final class Observed implements Watcher {

        private final Watcher watcher;
        private volatile boolean connected;

        Observed(Watcher watcher) {
            this.watcher = watcher;
        }

        @Override
        public void process(WatchedEvent event) {
            if (event.getState() == KeeperState.SyncConnected) {
                connected = true;
            }
            watcher.process(event);
        }
    }

    /** A handle that does not let Curator end its session. */
    private static final class Handle extends ZooKeeper {

        private static final int NEVER_MS = Integer.MAX_VALUE / 2;

        private final Observed observed;
        private final long createdNanos = System.nanoTime();

        Handle(String connect, int sessionTimeoutMs, Observed observed, boolean canBeReadOnly) throws IOException {
            super(connect, sessionTimeoutMs, observed, canBeReadOnly);
            this.observed = observed;
        }

        Handle(String connect, int sessionTimeoutMs, Observed observed, Handle before, boolean canBeReadOnly)
                throws IOException {
            super(connect, sessionTimeoutMs, observed, before.getSessionId(), before.getSessionPasswd(), canBeReadOnly);
            this.observed = observed;
        }

        /**
         * Whether the session may still be alive: it was when this handle was last connected, or this handle ended only
         * because it reached no server, for which the client takes four thirds of a session's length.
         */
        boolean mayGoOn(int sessionTimeoutMs) {
            long ageMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - createdNanos);
            return getSessionId() != 0 && (observed.connected || ageMs >= sessionTimeoutMs * 4L / 3);
        }

        /** Curator gives a session up when it was away for as long as this. */
        @Override
        public int getSessionTimeout() {
            return NEVER_MS;
        }
    }
}
