package io.siltstone.cli.topics;

import java.time.Duration;

/**
 * Looks where a topic's segments lie, and has patience with partitions that are being taken over. Used from one thread.
 */
final class SegmentSurvey {
    private static final long LOOK_EVERY_MS = 100;

    private final SegmentOwners owners;
    private final Duration patience;

    /** A survey that asks about partitions for which no node answers for so long, and once in any case. */
    SegmentSurvey(SegmentOwners owners, Duration patience) {
        this.owners = owners;
        this.patience = patience;
    }

    /** What is told of every partition, or of those that were answered for in time. */
    TopicSegments look(String topic) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        TopicSegments found = owners.segments(topic);
        while (!found.unanswered().isEmpty() && System.nanoTime() - deadline < 0) {
            Thread.sleep(LOOK_EVERY_MS);
            found = owners.complete(topic, found);
        }
        return found;
    }
}
