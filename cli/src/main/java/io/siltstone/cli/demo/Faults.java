package io.siltstone.cli.demo;

import io.siltstone.cli.cluster.ProcessCluster;
import java.util.concurrent.Callable;

/**
 * What goes wrong in the middle of the demo: an ingest node is killed and started again and, once the cluster is whole
 * again, a storage node. Runs on a thread of its own while the feed goes on, and measures the longest pause around each.
 */
final class Faults implements Callable<DemoReport.Pauses> {
    private static final String INGEST_NODE = "ingest-1";
    private static final String STORAGE_NODE = "storage-1";

    private final ProcessCluster cluster;
    private final WholeCluster whole;
    private final Feed feed;
    private final PauseMeter pauses;
    private final long total;
    private final DemoProgress progress;

    /**
     * Faults at a quarter and at a half of {@code total} records, or as soon as the cluster is whole again. The feed
     * goes slower towards its gate where a fault takes long, so that there are records to send during each.
     */
    Faults(
            ProcessCluster cluster,
            WholeCluster whole,
            Feed feed,
            PauseMeter pauses,
            long total,
            DemoProgress progress) {
        this.cluster = cluster;
        this.whole = whole;
        this.feed = feed;
        this.pauses = pauses;
        this.total = total;
        this.progress = progress;
    }

    /** Records that the feed may send before the first fault is over. */
    static long firstGate(long total) {
        return Math.max(1, total * 5 / 8);
    }

    @Override
    public DemoReport.Pauses call() throws InterruptedException {
        try {
            awaitSent(total / 4);
            long ingestKill = killAndRestart(INGEST_NODE);
            feed.moveGate(Math.max(1, total * 9 / 10));
            awaitSent(total / 2);
            long storageKill = killAndRestart(STORAGE_NODE);
            return new DemoReport.Pauses(ingestKill, storageKill);
        } finally {
            feed.moveGate(Long.MAX_VALUE);
        }
    }

    /** The window ends when the cluster is whole again and every record that was sent by then is acknowledged. */
    private long killAndRestart(String node) throws InterruptedException {
        pauses.begin();
        cluster.kill(node);
        progress.say("killed " + node);
        cluster.awaitWritable(1);
        cluster.start(node);
        cluster.awaitWritable();
        whole.await();
        feed.flush();
        long longestMs = pauses.longestMs();
        progress.say(node + " is back and the cluster whole; the longest pause was " + longestMs + " ms");
        return longestMs;
    }

    private void awaitSent(long records) throws InterruptedException {
        while (feed.sent() < records) {
            Thread.sleep(5);
        }
    }
}
