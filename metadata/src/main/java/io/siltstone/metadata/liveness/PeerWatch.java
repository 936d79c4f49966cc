package io.siltstone.metadata.liveness;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides whom to connect to and whom to evict. Pure: told what happened to connections, it says what to do. Confined to
 * one thread.
 *
 * <p>A peer is gone when a connection to it broke and connecting again is refused: its host says that nobody listens
 * there. A connection that broke alone, or an attempt that times out, proves nothing, and is tried again. Who was never
 * reached is not judged: its address may be wrong from here.
 */
public final class PeerWatch {

    private final long retryMs;
    private final Map<Peer, Link> links = new HashMap<>();

    /**
     * A watch over nobody.
     *
     * @param retryMs until a failed connection is tried again
     */
    public PeerWatch(long retryMs) {
        this.retryMs = retryMs;
    }

    /** What is to be done. */
    public sealed interface Action {
        record Connect(Peer peer, long delayMs) implements Action {}

        record Close(Peer peer) implements Action {}

        /** The incarnation is gone: take its liveness from it. */
        record Evict(Peer peer) implements Action {}
    }

    /** Those that are live by now. */
    public List<Action> peersChanged(Set<Peer> peers) {
        List<Action> actions = new ArrayList<>();
        for (Peer gone :
                links.keySet().stream().filter(known -> !peers.contains(known)).toList()) {
            links.remove(gone);
            actions.add(new Action.Close(gone));
        }
        for (Peer peer : peers) {
            if (links.putIfAbsent(peer, Link.NEVER) == null) {
                actions.add(new Action.Connect(peer, 0));
            }
        }
        return actions;
    }

    public void connected(Peer peer, long nowMs) {
        links.computeIfPresent(peer, (unused, link) -> new Link(Standing.UP, nowMs));
    }

    /** An established connection was reset or closed. */
    public List<Action> lost(Peer peer, long nowMs) {
        Link link = links.get(peer);
        if (link == null) {
            return List.of();
        }
        links.put(peer, new Link(Standing.SUSPECT, nowMs));
        boolean shortLived = nowMs - link.sinceMs() < retryMs;
        return List.of(new Action.Connect(peer, shortLived ? retryMs : 0));
    }

    /**
     * An attempt to connect failed.
     *
     * @param refused the host answered that nobody listens there
     */
    public List<Action> failed(Peer peer, boolean refused) {
        Link link = links.get(peer);
        if (link == null) {
            return List.of();
        }
        Action retry = new Action.Connect(peer, retryMs);
        return refused && link.standing() == Standing.SUSPECT ? List.of(new Action.Evict(peer), retry) : List.of(retry);
    }

    private enum Standing {
        NEVER_REACHED,
        UP,
        SUSPECT
    }

    private record Link(Standing standing, long sinceMs) {

        static final Link NEVER = new Link(Standing.NEVER_REACHED, 0);
    }
}
