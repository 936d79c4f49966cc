package io.siltstone.metadata.zookeeper;

import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.ClusterChange;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.ExecutorTimers;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.assignment.Controller;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.leader.LeaderLatch.CloseMode;
import org.apache.curator.framework.recipes.leader.LeaderLatchListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's candidacy for controller: Curator elects, the {@link Controller} decides. Owns one thread, on which all
 * of it runs. While ZooKeeper is away it does not lead.
 *
 * <p>A candidate that a peer evicted by mistake sees another controller in the image, and stands again.
 */
final class ZooKeeperCandidacy implements Metadata.Candidacy {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperCandidacy.class);

    private final CuratorFramework client;
    private final String electionPath;
    private final Owner self;
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, StoreCalls.daemonThreads("controller"));
    private final Timers timers;
    private final Controller controller;
    private final OrphanSweep sweep;
    private final ClusterView.Subscription subscription;
    private @Nullable LeaderLatch latch;
    private @Nullable ClusterImage image;
    private boolean elected;

    ZooKeeperCandidacy(
            CuratorFramework client,
            Znodes znodes,
            Owner self,
            ClusterView view,
            Function<Executor, ChainStore> chains,
            OrphanSweep sweep) {
        this.client = client;
        this.electionPath = znodes.election();
        this.self = self;
        this.sweep = sweep;
        thread.setRemoveOnCancelPolicy(true);
        timers = new ExecutorTimers(thread);
        controller = new Controller(chains.apply(this::execute), timers, Controller.Settings.DEFAULT);
        subscription = view.subscribe(change -> execute(() -> changed(change)));
        execute(this::stand);
        timers.schedule(OrphanSweep.PERIOD_MS, this::sweepIfLeading);
    }

    @Override
    public void close() {
        subscription.close();
        execute(() -> {
            controller.resign();
            withdraw();
            thread.shutdownNow();
        });
    }

    /** Closes, and waits until the candidacy's znode is gone or the time is over. */
    void closeAndWait(long timeoutMs) {
        close();
        try {
            if (!thread.awaitTermination(timeoutMs, TimeUnit.MILLISECONDS)) {
                LOG.debug("The candidacy of {} ends with the session", self);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void execute(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException closed) {
            LOG.debug("The candidacy of {} is over", self);
        }
    }

    private void stand() {
        LeaderLatch next = new LeaderLatch(client, electionPath, ElectionCandidate.idOf(self), CloseMode.SILENT);
        next.addListener(new LeaderLatchListener() {
            @Override
            public void isLeader() {
                execute(() -> elected(next));
            }

            @Override
            public void notLeader() {
                execute(() -> deposed(next));
            }
        });
        latch = next;
        try {
            next.start();
        } catch (Exception failure) {
            throw new MetadataException.Unavailable("cannot stand for controller", failure);
        }
    }

    private void withdraw() {
        LeaderLatch current = latch;
        latch = null;
        elected = false;
        if (current != null) {
            try {
                current.close();
            } catch (IOException | RuntimeException failure) {
                LOG.debug("The candidacy's znode goes with the session", failure);
            }
        }
    }

    private void elected(LeaderLatch by) {
        if (by == latch) {
            LOG.info("Ingest node {} is controller", self);
            elected = true;
            if (image != null) {
                controller.lead(image);
            }
        }
    }

    private void deposed(LeaderLatch by) {
        if (by == latch) {
            LOG.info("Ingest node {} is not controller any more", self);
            elected = false;
            controller.resign();
        }
    }

    private void changed(ClusterChange change) {
        image = change.after();
        if (elected && self.equals(change.before().controller()) && !self.equals(image.controller())) {
            LOG.warn("Ingest node {} was evicted as controller; it stands again", self);
            controller.resign();
            withdraw();
            stand();
        } else if (elected && !controller.isLeading()) {
            controller.lead(image);
        } else {
            controller.changed(change);
        }
    }

    private void sweepIfLeading() {
        if (elected && image != null) {
            sweep.sweep(image);
        }
        timers.schedule(OrphanSweep.PERIOD_MS, this::sweepIfLeading);
    }
}
