package io.siltstone.cli.topics;

import java.util.List;

/**
 * Where the segments of a topic lie.
 *
 * @param lines every segment that was told, by partition and offset
 * @param unanswered the partitions about which nothing was told
 */
public record TopicSegments(List<SegmentLine> lines, Unanswered unanswered) {

    public TopicSegments {
        lines = List.copyOf(lines);
    }
}
