package io.siltstone.metadata.zookeeper;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.api.CuratorEvent;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.curator.framework.recipes.watch.PersistentWatcher;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.WatchedEvent;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all znodes of the cluster and tells of each that is new, changed or gone. One recursive watch keeps it fresh;
 * after every reconnect it lists the folders and reads everything again, since changes may have been missed. Its
 * callbacks run on ZooKeeper's thread and only pass on what they got.
 *
 * <p>A reading that fails because the connection broke is made good by the reconnect.
 */
final class ZnodeTree implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ZnodeTree.class);

    private final CuratorFramework client;
    private final Znodes znodes;
    private final Observer observer;
    private final PersistentWatcher watcher;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private volatile Walk walk = new Walk();
    private volatile boolean closed;

    ZnodeTree(CuratorFramework client, Znodes znodes, Observer observer) {
        this.client = client;
        this.znodes = znodes;
        this.observer = observer;
        this.watcher = new PersistentWatcher(client, znodes.root(), true);
        watcher.getListenable().addListener(this::watched);
        watcher.getResetListenable().addListener(this::readAll);
    }

    void start() {
        watcher.start();
    }

    @Override
    public void close() {
        closed = true;
        watcher.close();
    }

    private void watched(WatchedEvent event) {
        switch (event.getType()) {
            case NodeCreated, NodeDataChanged -> read(event.getPath(), walk);
            case NodeDeleted -> gone(event.getPath());
            default -> LOG.debug("ZooKeeper says {}", event);
        }
    }

    private void readAll() {
        Walk current = new Walk();
        walk = current;
        current.started();
        known.forEach(path -> read(path, current));
        list(znodes.root(), 0, current);
        current.ended(true);
    }

    private void list(String folder, int depth, Walk current) {
        current.started();
        try {
            client.getChildren()
                    .inBackground((unused, event) -> {
                        boolean listed = answered(event);
                        if (listed && event.getChildren() != null) {
                            event.getChildren().forEach(child -> visit(folder + "/" + child, depth, current));
                        }
                        current.ended(listed);
                    })
                    .forPath(folder);
        } catch (Exception failure) {
            failed(folder, failure);
            current.ended(false);
        }
    }

    /** Folders of the root have children; of those only partitions and deletion marks have children again. */
    private void visit(String path, int depth, Walk current) {
        boolean folderOfTopic =
                path.startsWith(znodes.partitions() + "/") || path.startsWith(znodes.deletedTopics() + "/");
        if (depth == 0 || (depth == 1 && folderOfTopic)) {
            list(path, depth + 1, current);
        }
        if (!known.contains(path)) {
            read(path, current);
        }
    }

    private void read(String path, Walk current) {
        current.started();
        try {
            client.getData()
                    .inBackground((unused, event) -> {
                        boolean read = answered(event);
                        if (event.getResultCode() == Code.OK.intValue()) {
                            known.add(path);
                            observer.present(new ChildData(path, event.getStat(), event.getData()));
                        } else if (read) {
                            gone(path);
                        }
                        current.ended(read);
                    })
                    .forPath(path);
        } catch (Exception failure) {
            failed(path, failure);
            current.ended(false);
        }
    }

    private void gone(String path) {
        if (known.remove(path)) {
            observer.gone(path);
        }
    }

    private boolean answered(CuratorEvent event) {
        boolean answered =
                event.getResultCode() == Code.OK.intValue() || event.getResultCode() == Code.NONODE.intValue();
        if (!answered) {
            LOG.debug("Reading {} failed with {}", event.getPath(), Code.get(event.getResultCode()));
        }
        return answered;
    }

    private void failed(String path, Exception failure) {
        if (!closed) {
            LOG.warn("Cannot read {}; the next reconnect reads again", path, failure);
        }
    }

    /** Who hears of znodes, on ZooKeeper's thread. */
    interface Observer {

        /** The znode's newest data; also where it did not change. */
        void present(ChildData znode);

        void gone(String path);

        /** A walk over all of them ended, and each has been told of. */
        void complete();
    }

    /** One reading of everything: ends when all that it started has ended, and well only if each of them did. */
    private final class Walk {

        private final AtomicInteger outstanding = new AtomicInteger();
        private volatile boolean incomplete;
        private volatile boolean over;

        void started() {
            outstanding.incrementAndGet();
        }

        void ended(boolean well) {
            if (!well) {
                incomplete = true;
            }
            if (outstanding.decrementAndGet() == 0 && !over) {
                over = true;
                if (!incomplete) {
                    observer.complete();
                }
            }
        }
    }
}
