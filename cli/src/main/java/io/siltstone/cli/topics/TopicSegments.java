package io.siltstone.cli.topics;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

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

    /** Nothing is known yet of a topic of so many partitions. */
    static TopicSegments none(int partitions) {
        return new TopicSegments(
                List.of(),
                new Unanswered(
                        new TreeSet<>(IntStream.range(0, partitions).boxed().toList()), List.of()));
    }

    /**
     * With what another node told. While a partition changes its owner the old one and the new one may both tell of it:
     * who has the newer segment is right.
     */
    TopicSegments with(Collection<SegmentLine> told) {
        SortedMap<Integer, List<SegmentLine>> byPartition = new TreeMap<>(byPartition(lines));
        byPartition(told)
                .forEach((partition, newer) ->
                        byPartition.merge(partition, newer, (one, other) -> newest(one) > newest(other) ? one : other));
        List<SegmentLine> all = new ArrayList<>();
        byPartition.values().forEach(all::addAll);
        SortedSet<Integer> missing = new TreeSet<>(unanswered.partitions());
        missing.removeAll(byPartition.keySet());
        return new TopicSegments(all, new Unanswered(missing, unanswered.refusals()));
    }

    /** With the reasons why something may be missing. */
    TopicSegments because(List<String> refusals) {
        return new TopicSegments(lines, new Unanswered(unanswered.partitions(), refusals));
    }

    private static Map<Integer, List<SegmentLine>> byPartition(Collection<SegmentLine> lines) {
        return lines.stream()
                .sorted(Comparator.comparingLong(SegmentLine::baseOffset))
                .collect(Collectors.groupingBy(SegmentLine::partition));
    }

    private static long newest(List<SegmentLine> lines) {
        return lines.stream().mapToLong(SegmentLine::segment).max().orElse(-1);
    }
}
