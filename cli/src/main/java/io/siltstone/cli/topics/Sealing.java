package io.siltstone.cli.topics;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** Seals a topic and waits until everything that was sealed is in the bucket and gone from the storage nodes. */
public final class Sealing {
    private static final long LOOK_EVERY_MS = 100;
    private static final long SEAL_AGAIN_MS = 2_000;

    private final IngestHttp cluster;
    private final String topic;

    public Sealing(IngestHttp cluster, String topic) {
        this.cluster = cluster;
        this.topic = topic;
    }

    /** Closes the open segments that hold records. */
    public void seal() throws InterruptedException {
        cluster.seal(topic);
    }

    /**
     * Returns when no segment but empty open ones lies on storage nodes. A partition that changed its owner meanwhile
     * has a new open segment, so what is open with records in it is sealed again now and then.
     *
     * @param look told the segments at each look
     * @throws IllegalStateException if that is not so after {@code timeout}
     */
    public void await(Duration timeout, Consumer<List<SegmentLine>> look) throws InterruptedException {
        long deadline = System.nanoTime() + timeout.toNanos();
        long sealedAt = System.nanoTime();
        while (true) {
            List<SegmentLine> segments = cluster.segments(topic);
            look.accept(segments);
            long waiting = segments.stream().filter(Sealing::waits).count();
            if (waiting == 0) {
                return;
            }
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("after " + timeout.toSeconds() + " s " + waiting + " segments of "
                        + topic + " are not in the bucket or not trimmed; see `siltstone segments " + topic + "`");
            }
            if (System.nanoTime() - sealedAt > SEAL_AGAIN_MS * 1_000_000) {
                cluster.seal(topic);
                sealedAt = System.nanoTime();
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    private static boolean waits(SegmentLine segment) {
        return switch (segment.state()) {
            case "tiered" -> segment.hotBytes() > 0;
            case SegmentLine.OPEN -> segment.endOffset() > segment.baseOffset();
            default -> true;
        };
    }
}
