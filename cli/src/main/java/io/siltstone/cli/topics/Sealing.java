package io.siltstone.cli.topics;

import java.time.Duration;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Seals a topic and waits until everything that was sealed is in the bucket and gone from the storage nodes. A
 * partition for which no node answers is never taken for done: it is asked about again. Used from one thread.
 */
public final class Sealing {
    private static final long LOOK_EVERY_MS = 100;
    private static final long SEAL_AGAIN_MS = 2_000;

    private final SegmentOwners owners;
    private final String topic;
    private final long deadline;
    private final Duration timeout;

    /** A sealing of this topic that gives up {@code timeout} from now. */
    public Sealing(IngestHttp cluster, String topic, Duration timeout) {
        this((SegmentOwners) cluster, topic, timeout);
    }

    Sealing(SegmentOwners owners, String topic, Duration timeout) {
        this.owners = owners;
        this.topic = topic;
        this.timeout = timeout;
        this.deadline = System.nanoTime() + timeout.toNanos();
    }

    /**
     * Closes the open segments that hold records; returns when each partition's owner has been told.
     *
     * @throws IllegalStateException if a partition's owner was not reached in time
     */
    public void seal() throws InterruptedException {
        Unanswered left = owners.seal(topic);
        SortedSet<Integer> partitions = new TreeSet<>(left.partitions());
        while (!partitions.isEmpty()) {
            if (isLate()) {
                throw new IllegalStateException("not sealed after " + timeout.toSeconds() + " s: "
                        + new Unanswered(partitions, left.refusals()).message(topic));
            }
            Thread.sleep(LOOK_EVERY_MS);
            left = owners.seal(topic);
            partitions.retainAll(left.partitions());
        }
    }

    /**
     * Returns when every partition is answered for and no segment but empty open ones lies on storage nodes. A
     * partition that changed its owner meanwhile has a new open segment, so what is open with records in it is sealed
     * again now and then.
     *
     * @param look told the segments at each look
     * @throws IllegalStateException if that is not so in time
     */
    public void await(Consumer<TopicSegments> look) throws InterruptedException {
        long sealedAt = System.nanoTime();
        while (true) {
            TopicSegments segments = owners.segments(topic);
            look.accept(segments);
            String missing = missing(segments);
            if (missing == null) {
                return;
            }
            if (isLate()) {
                throw new IllegalStateException("after " + timeout.toSeconds() + " s " + missing);
            }
            if (System.nanoTime() - sealedAt > TimeUnit.MILLISECONDS.toNanos(SEAL_AGAIN_MS)) {
                owners.seal(topic);
                sealedAt = System.nanoTime();
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    private boolean isLate() {
        return System.nanoTime() - deadline >= 0;
    }

    /** What is not done yet, null if all is. */
    private @Nullable String missing(TopicSegments segments) {
        if (!segments.unanswered().isEmpty()) {
            return segments.unanswered().message(topic);
        }
        long waiting = segments.lines().stream().filter(Sealing::waits).count();
        return waiting == 0
                ? null
                : waiting + " segments of " + topic + " are not in the bucket or not trimmed; see `siltstone segments "
                        + topic + "`";
    }

    private static boolean waits(SegmentLine segment) {
        return switch (segment.state()) {
            case "tiered" -> segment.hotBytes() > 0;
            case SegmentLine.OPEN -> segment.endOffset() > segment.baseOffset();
            default -> true;
        };
    }
}
