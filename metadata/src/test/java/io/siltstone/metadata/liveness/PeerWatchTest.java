package io.siltstone.metadata.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.liveness.PeerWatch.Action;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PeerWatchTest {

    private static final Peer PEER = new Peer.Ingest(new Owner(1, 7), "10.0.0.1", 9092);
    private static final Peer RESTARTED = new Peer.Ingest(new Owner(1, 8), "10.0.0.1", 9092);
    private static final long RETRY_MS = 500;

    private final PeerWatch watch = new PeerWatch(RETRY_MS);

    @Test
    void connectsToNewPeersAndLeavesOldOnes() {
        assertThat(watch.peersChanged(Set.of(PEER))).containsExactly(new Action.Connect(PEER, 0));
        assertThat(watch.peersChanged(Set.of(PEER))).isEmpty();
        assertThat(watch.peersChanged(Set.of(RESTARTED)))
                .containsExactlyInAnyOrder(new Action.Close(PEER), new Action.Connect(RESTARTED, 0));
    }

    @Test
    void evictsPeerThatRefusesAfterItsConnectionBroke() {
        up();

        assertThat(watch.lost(PEER, 10_000)).containsExactly(new Action.Connect(PEER, 0));
        assertThat(watch.failed(PEER, true))
                .containsExactly(new Action.Evict(PEER), new Action.Connect(PEER, RETRY_MS));
    }

    @Test
    void evictsAgainWhileThePeerStaysListedAndRefuses() {
        up();
        watch.lost(PEER, 10_000);
        watch.failed(PEER, true);

        assertThat(watch.failed(PEER, true)).contains(new Action.Evict(PEER));
    }

    @Test
    void doesNotJudgePeerThatTakesTheNextConnection() {
        up();
        watch.lost(PEER, 10_000);
        watch.connected(PEER, 10_001);

        assertThat(watch.failed(PEER, true)).containsExactly(new Action.Connect(PEER, RETRY_MS));
    }

    @Test
    void doesNotJudgePeerThatDoesNotAnswer() {
        up();
        watch.lost(PEER, 10_000);

        assertThat(watch.failed(PEER, false)).containsExactly(new Action.Connect(PEER, RETRY_MS));
        assertThat(watch.failed(PEER, true)).contains(new Action.Evict(PEER));
    }

    @Test
    void doesNotJudgePeerThatWasNeverReached() {
        watch.peersChanged(Set.of(PEER));

        assertThat(watch.failed(PEER, true)).containsExactly(new Action.Connect(PEER, RETRY_MS));
    }

    @Test
    void waitsBeforeItConnectsToPeerThatHangsUpAtOnce() {
        up();

        assertThat(watch.lost(PEER, 1)).containsExactly(new Action.Connect(PEER, RETRY_MS));
    }

    @Test
    void ignoresConnectionsOfPeersThatAreNotListedAnyMore() {
        up();
        watch.peersChanged(Set.of());

        assertThat(watch.lost(PEER, 10_000)).isEmpty();
        assertThat(watch.failed(PEER, true)).isEmpty();
    }

    private void up() {
        watch.peersChanged(Set.of(PEER));
        watch.connected(PEER, 0);
    }
}
