package io.siltstone.metadata.zookeeper;

import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.ImageEdit;
import io.siltstone.metadata.ImagePublisher;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.cache.ChildData;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cluster's image, kept fresh by watches. ZooKeeper's thread only queues what it sees; the publisher's own thread
 * takes all that waits, edits the image once, and tells the subscribers.
 *
 * <p>The queue holds one element for each change that ZooKeeper reported and is drained whole each time: it is bounded
 * by what changes in the cluster while one image is published.
 */
final class ZooKeeperClusterView implements ClusterView, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperClusterView.class);

    private final ExecutorService publisherThread =
            Executors.newSingleThreadExecutor(StoreCalls.daemonThreads("metadata-view"));
    private final ImagePublisher publisher;
    private final ImageAssembler assembler;
    private final ZnodeTree tree;
    private final Queue<Sighting> sightings = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean draining = new AtomicBoolean();
    private final Map<String, Long> modified = new HashMap<>();

    ZooKeeperClusterView(CuratorFramework client, Znodes znodes, String clusterId) {
        publisher = new ImagePublisher(clusterId, this::execute);
        assembler = new ImageAssembler(znodes.root());
        tree = new ZnodeTree(client, znodes, new ZnodeTree.Observer() {
            @Override
            public void present(ChildData znode) {
                see(new Sighting.Present(znode));
            }

            @Override
            public void gone(String path) {
                see(new Sighting.Gone(path));
            }

            @Override
            public void complete() {
                see(new Sighting.Complete());
            }
        });
    }

    void start() {
        tree.start();
    }

    @Override
    public ClusterImage image() {
        return publisher.image();
    }

    @Override
    public Subscription subscribe(Listener listener) {
        return publisher.subscribe(listener);
    }

    @Override
    public void close() {
        tree.close();
        publisherThread.shutdown();
    }

    private void execute(Runnable task) {
        try {
            publisherThread.execute(task);
        } catch (RejectedExecutionException closed) {
            LOG.debug("The view is closed; nothing more is published");
        }
    }

    private void see(Sighting sighting) {
        sightings.add(sighting);
        if (draining.compareAndSet(false, true)) {
            execute(this::drain);
        }
    }

    private void drain() {
        draining.set(false);
        boolean[] complete = {false};
        publisher.publish(edit -> {
            for (Sighting next = sightings.poll(); next != null; next = sightings.poll()) {
                complete[0] |= apply(edit, next);
            }
        });
        if (complete[0]) {
            publisher.complete();
        }
    }

    private boolean apply(ImageEdit edit, Sighting sighting) {
        if (sighting instanceof Sighting.Present present) {
            String path = present.znode().getPath();
            Stat stat = present.znode().getStat();
            Long before = modified.put(path, stat.getMzxid());
            if (before == null || before != stat.getMzxid()) {
                assembler.apply(edit, path, present.znode().getData(), stat.getVersion(), stat.getCzxid());
            }
        } else if (sighting instanceof Sighting.Gone gone) {
            modified.remove(gone.path());
            assembler.apply(edit, gone.path(), null, 0, 0);
        }
        return sighting instanceof Sighting.Complete;
    }

    /** What ZooKeeper's thread saw. */
    private sealed interface Sighting {
        record Present(ChildData znode) implements Sighting {}

        record Gone(String path) implements Sighting {}

        /** Everything that was there at the start of a walk has been seen. */
        record Complete() implements Sighting {}
    }
}
