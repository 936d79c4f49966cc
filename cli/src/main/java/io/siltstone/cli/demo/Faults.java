package io.siltstone.cli.demo;

import io.siltstone.cli.cluster.ProcessCluster;
import java.util.concurrent.Callable;

/**
 * What goes wrong in the middle of the demo: an ingest node is killed and started again, then a storage node. Runs on a
 * thread of its own while the feed goes on, and measures the longest pause around each.
 */
final class Faults implements Callable<DemoReport.Pauses> {
    private static final String INGEST_NODE = "ingest-1";
    private static final String STORAGE_NODE = "storage-1";

    private final ProcessCluster cluster;
    private final Feed feed;
    private final PauseMeter pauses;
    private final long total;
    private final DemoProgress progress;

    /**
     * Faults at a quarter and at five eighths of {@code total} records. The feed waits at its gate where a fault takes
     * longer than the records last, so that there are records to send during each.
     */
    Faults(ProcessCluster cluster, Feed feed, PauseMeter pauses, long total, DemoProgress progress) {
        this.cluster = cluster;
        this.feed = feed;
        this.pauses = pauses;
        this.total = total;
        this.progress = progress;
    }

    @Override
    public DemoReport.Pauses call() throws InterruptedException {
        try {
            awaitSent(total / 4);
            long ingestKill = killAndRestart(INGEST_NODE);
            feed.moveGate(total * 9 / 10);
            awaitSent(total * 5 / 8);
            long storageKill = killAndRestart(STORAGE_NODE);
            return new DemoReport.Pauses(ingestKill, storageKill);
        } finally {
            feed.moveGate(Long.MAX_VALUE);
        }
    }

    /** The window ends when every record that was sent before the node was back has been acknowledged. */
    private long killAndRestart(String node) throws InterruptedException {
        pauses.begin();
        cluster.kill(node);
        progress.say("killed " + node);
        cluster.awaitWritable(1);
        feed.flush();
        cluster.start(node);
        cluster.awaitWritable();
        feed.flush();
        long longestMs = pauses.longestMs();
        progress.say(node + " is back; the longest pause was " + longestMs + " ms");
        return longestMs;
    }

    private void awaitSent(long records) throws InterruptedException {
        while (feed.sent() < records) {
            Thread.sleep(5);
        }
    }
}
