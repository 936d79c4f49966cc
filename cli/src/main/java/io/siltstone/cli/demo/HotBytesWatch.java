package io.siltstone.cli.demo;

import io.siltstone.cli.topics.IngestHttp;
import io.siltstone.cli.topics.SegmentLine;
import io.siltstone.cli.topics.TopicSegments;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second how many bytes of a topic lie on storage nodes, and remembers the most. A partition that is being
 * taken over at the time of a look is not counted in it. Has a thread of its own until it is closed; {@link #saw} and
 * {@link #most} may be called from any.
 */
final class HotBytesWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HotBytesWatch.class);
    private static final long LOOK_EVERY_MS = 1_000;

    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor();
    private final AtomicLong most = new AtomicLong();
    private final IngestHttp cluster;
    private final String topic;

    /** Begins to look. The cluster's client stays the caller's. */
    HotBytesWatch(IngestHttp cluster, String topic) {
        this.cluster = cluster;
        this.topic = topic;
        looks.scheduleWithFixedDelay(this::look, LOOK_EVERY_MS, LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
    }

    /** Somebody else has looked. */
    void saw(TopicSegments segments) {
        most.accumulateAndGet(of(segments), Math::max);
    }

    /** The most bytes seen, one copy counted. */
    long most() {
        return most.get();
    }

    static long of(TopicSegments segments) {
        return segments.lines().stream().mapToLong(SegmentLine::hotBytes).sum();
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }

    private void look() {
        try {
            saw(cluster.segments(topic));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.debug("no look at the hot bytes of {} while its nodes are being killed", topic, e);
        }
    }
}
