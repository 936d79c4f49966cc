package io.siltstone.metadata.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.Await;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.memory.InMemoryCluster;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpPeerWatcherTest {

    private static final Owner SELF = new Owner(1, 11);
    private static final Owner OTHER = new Owner(2, 22);

    private final InMemoryCluster cluster = InMemoryCluster.threaded(new Random(1));
    private final Metadata metadata = cluster.join();
    private final AtomicInteger evictions = new AtomicInteger();
    private ListeningPeer peer;
    private TcpPeerWatcher watcher;

    @BeforeEach
    void listen() throws IOException {
        peer = new ListeningPeer(0);
        watcher = new TcpPeerWatcher(metadata.view(), metadata.store(), SELF);
    }

    @AfterEach
    void stop() throws IOException {
        watcher.close();
        peer.close();
        cluster.close();
    }

    @Test
    void evictsIngestNodeWhoseProcessIsGone() throws IOException {
        register(OTHER);
        Await.until("the peer is connected to", () -> peer.connections() == 1);

        peer.close();

        Await.until("it is evicted", () -> evictions.get() == 1);
        assertThat(metadata.view().image().isLive(OTHER)).isFalse();
    }

    @Test
    void evictsDiskWhoseProcessIsGone() throws IOException {
        List<Boolean> liveness = new CopyOnWriteArrayList<>();
        metadata.view()
                .subscribe(change -> change.after().storageDisks().values().forEach(disk -> liveness.add(disk.live())));
        Await.get(metadata.store()
                .registerStorageDisk(new StorageDiskImage(
                        new DiskId(new UUID(1, 1)), 5, "storage-1", "127.0.0.1", peer.port(), "", "", true, true)));
        Await.until("the peer is connected to", () -> peer.connections() == 1);

        peer.close();

        Await.until("it is evicted", () -> liveness.contains(false));
    }

    @Test
    void keepsNodeThatOnlyHungUp() throws IOException {
        register(OTHER);
        Await.until("the peer is connected to", () -> peer.connections() == 1);

        peer.hangUp();

        Await.until("the peer is connected to again", () -> peer.connections() == 2);
        assertThat(evictions).hasValue(0);
        assertThat(metadata.view().image().isLive(OTHER)).isTrue();
    }

    private void register(Owner owner) {
        Await.get(metadata.store()
                .registerIngestNode(
                        new IngestNodeImage(owner, "127.0.0.1", peer.port(), "", "", false),
                        evictions::incrementAndGet));
    }

    /** A process that takes connections and says nothing. */
    private static final class ListeningPeer {

        private final ServerSocket server;
        private final List<Socket> sockets = new CopyOnWriteArrayList<>();
        private final AtomicInteger connections = new AtomicInteger();

        ListeningPeer(int port) throws IOException {
            server = new ServerSocket(port, 10, InetAddress.getLoopbackAddress());
            Thread acceptor = new Thread(this::accept, "listening-peer");
            acceptor.setDaemon(true);
            acceptor.start();
        }

        int port() {
            return server.getLocalPort();
        }

        int connections() {
            return connections.get();
        }

        void hangUp() throws IOException {
            for (Socket socket : sockets) {
                socket.close();
            }
            sockets.clear();
        }

        void close() throws IOException {
            server.close();
            hangUp();
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    sockets.add(server.accept());
                    connections.incrementAndGet();
                } catch (IOException closed) {
                    return;
                }
            }
        }
    }
}
