package io.siltstone.metadata.zookeeper;

import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorWatcher;
import org.apache.curator.framework.state.ConnectionState;
import org.apache.curator.framework.state.ConnectionStateListener;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.data.Stat;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The ephemeral znode of one incarnation of an ingest node. It is never created again: when it is gone, by the end of
 * the session or by a peer's eviction, the incarnation is over, which is told once. While ZooKeeper is away nothing is
 * known, and nothing told.
 */
final class IngestRegistration {

    private static final Logger LOG = LoggerFactory.getLogger(IngestRegistration.class);

    private final CuratorFramework client;
    private final String path;
    private final Runnable lost;
    private final AtomicBoolean over = new AtomicBoolean();
    private final ConnectionStateListener connection = this::connectionChanged;
    private final CuratorWatcher watcher = event -> {
        if (event.getType() == EventType.NodeDeleted) {
            lose("its znode was deleted");
        } else if (event.getType() != EventType.None) {
            watch();
        }
    };

    IngestRegistration(CuratorFramework client, String path, Runnable lost) {
        this.client = client;
        this.path = path;
        this.lost = lost;
    }

    /** Creates the znode and keeps an eye on it. Blocking. */
    void create(byte[] data) throws Exception {
        try {
            client.create().withMode(CreateMode.EPHEMERAL).forPath(path, data);
        } catch (KeeperException.NodeExistsException there) {
            if (!isOurs(client.checkExists().forPath(path))) {
                throw new IllegalStateException(
                        path + " was registered by another session: an incarnation must be drawn anew for each");
            }
        }
        client.getConnectionStateListenable().addListener(connection);
        watch();
    }

    /** Takes the znode away; nobody is told. Blocking. */
    void remove() throws Exception {
        if (over.compareAndSet(false, true)) {
            client.getConnectionStateListenable().removeListener(connection);
            client.delete().quietly().forPath(path);
        }
    }

    /** The process ends: the znode goes with the session, and nobody is told. */
    void abandon() {
        over.set(true);
        client.getConnectionStateListenable().removeListener(connection);
    }

    private void watch() throws Exception {
        client.checkExists()
                .usingWatcher(watcher)
                .inBackground((unused, event) -> {
                    if (event.getResultCode() == KeeperException.Code.NONODE.intValue()) {
                        lose("its znode is gone");
                    } else if (event.getResultCode() == KeeperException.Code.OK.intValue()
                            && !isOurs(event.getStat())) {
                        lose("it belongs to a session that ended");
                    }
                })
                .forPath(path);
    }

    private boolean isOurs(@Nullable Stat stat) throws Exception {
        return stat != null
                && stat.getEphemeralOwner()
                        == client.getZookeeperClient().getZooKeeper().getSessionId();
    }

    private void connectionChanged(CuratorFramework unused, ConnectionState state) {
        if (state == ConnectionState.RECONNECTED && !over.get()) {
            try {
                watch();
            } catch (Exception failure) {
                LOG.warn("Cannot watch {} after a reconnect; the next reconnect will", path, failure);
            }
        }
    }

    private void lose(String why) {
        if (over.compareAndSet(false, true)) {
            LOG.warn("Registration {} is over: {}", path, why);
            client.getConnectionStateListenable().removeListener(connection);
            lost.run();
        }
    }
}
