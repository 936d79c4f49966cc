package io.siltstone.metadata.liveness;

import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.Membership;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.channels.UnresolvedAddressException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one idle TCP connection to every live node and carries out what {@link PeerWatch} decides. Owns one daemon
 * thread with one selector; the view's thread only leaves the newest peers for it.
 */
public final class TcpPeerWatcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TcpPeerWatcher.class);
    private static final long RETRY_MS = 500;
    private static final long CONNECT_TIMEOUT_MS = 2_000;

    private final Membership membership;
    private final Selector selector;
    private final Thread thread;
    private final ClusterView.Subscription subscription;
    private final Queue<Set<Peer>> newPeers = new ConcurrentLinkedQueue<>();
    private final PeerWatch watch = new PeerWatch(RETRY_MS);
    private final Map<Peer, Attempt> attempts = new HashMap<>();
    private final PriorityQueue<Due> due = new PriorityQueue<>(Comparator.comparingLong(Due::atMs));
    private final ByteBuffer discarded = ByteBuffer.allocate(4096);
    private volatile boolean closed;

    /** Starts watching all live nodes but this one. */
    public TcpPeerWatcher(ClusterView view, Membership membership, Owner self) throws IOException {
        this.membership = membership;
        this.selector = Selector.open();
        this.thread = new Thread(this::run, "peer-watch-" + self.node());
        thread.setDaemon(true);
        this.subscription = view.subscribe(change -> {
            if (change.ingestNodes() || change.storageDisks()) {
                newPeers.add(Peer.of(change.after(), self));
                selector.wakeup();
            }
        });
        thread.start();
    }

    @Override
    public void close() {
        closed = true;
        subscription.close();
        selector.wakeup();
    }

    private void run() {
        try (selector) {
            while (!closed) {
                Due next = due.peek();
                long waitMs = next == null ? CONNECT_TIMEOUT_MS : Math.max(1, next.atMs() - nowMs());
                selector.select(this::ready, waitMs);
                for (Set<Peer> peers = newPeers.poll(); peers != null; peers = newPeers.poll()) {
                    perform(watch.peersChanged(peers));
                }
                while (!due.isEmpty() && due.peek().atMs() <= nowMs()) {
                    due.remove().action().run();
                }
            }
        } catch (IOException | RuntimeException failure) {
            LOG.error("Peers are not watched any more; dead nodes are noticed when their session ends", failure);
        } finally {
            subscription.close();
            attempts.values().forEach(Attempt::close);
        }
    }

    private void perform(List<PeerWatch.Action> actions) {
        for (PeerWatch.Action action : actions) {
            if (action instanceof PeerWatch.Action.Connect connect) {
                Peer peer = connect.peer();
                Attempt attempt = new Attempt(peer);
                attempts.put(peer, attempt);
                due.add(new Due(nowMs() + connect.delayMs(), attempt::start));
            } else if (action instanceof PeerWatch.Action.Close close) {
                Attempt attempt = attempts.remove(close.peer());
                if (attempt != null) {
                    attempt.close();
                }
            } else if (action instanceof PeerWatch.Action.Evict evict) {
                evict(evict.peer());
            }
        }
    }

    private void evict(Peer peer) {
        LOG.warn("{} is gone: its connection broke and another is refused; evicting it", peer);
        CompletableFuture<Void> eviction = peer instanceof Peer.Storage storage
                ? membership.evict(storage.disk(), storage.incarnation())
                : membership.evict(((Peer.Ingest) peer).owner());
        var unused = eviction.whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("Evicting {} failed; the next refused attempt tries again", peer, failure);
            }
        });
    }

    private void ready(SelectionKey key) {
        ((Attempt) key.attachment()).ready(key);
    }

    private static long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    private record Due(long atMs, Runnable action) {}

    /** One attempt to connect to a peer and, where it succeeds, the connection. */
    private final class Attempt {

        private final Peer peer;
        private @Nullable SocketChannel channel;
        private boolean connected;
        private boolean over;

        Attempt(Peer peer) {
            this.peer = peer;
        }

        void start() {
            if (over) {
                return;
            }
            try {
                SocketChannel opened = SocketChannel.open();
                channel = opened;
                opened.configureBlocking(false);
                boolean atOnce = opened.connect(new InetSocketAddress(peer.host(), peer.port()));
                SelectionKey key = opened.register(selector, SelectionKey.OP_CONNECT, this);
                if (atOnce) {
                    established(key);
                }
                due.add(new Due(nowMs() + CONNECT_TIMEOUT_MS, this::giveUp));
            } catch (ConnectException refused) {
                failed(true);
            } catch (IOException | UnresolvedAddressException unreachable) {
                LOG.debug("{} is not reached", peer, unreachable);
                failed(false);
            }
        }

        void ready(SelectionKey key) {
            SocketChannel ready = (SocketChannel) key.channel();
            try {
                if (key.isConnectable() && ready.finishConnect()) {
                    established(key);
                } else if (key.isReadable() && ready.read(discarded.clear()) < 0) {
                    lost();
                }
            } catch (ConnectException refused) {
                failed(true);
            } catch (IOException broken) {
                LOG.debug("The connection to {} broke", peer, broken);
                if (connected) {
                    lost();
                } else {
                    failed(false);
                }
            }
        }

        private void giveUp() {
            if (!connected) {
                failed(false);
            }
        }

        void close() {
            over = true;
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException failure) {
                    LOG.debug("Closing the connection to {} failed", peer, failure);
                }
            }
        }

        private void established(SelectionKey key) {
            connected = true;
            key.interestOps(SelectionKey.OP_READ);
            watch.connected(peer, nowMs());
        }

        private void lost() {
            if (!over) {
                close();
                perform(watch.lost(peer, nowMs()));
            }
        }

        private void failed(boolean refused) {
            if (!over) {
                close();
                perform(watch.failed(peer, refused));
            }
        }
    }
}
