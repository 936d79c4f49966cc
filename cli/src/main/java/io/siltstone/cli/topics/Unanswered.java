package io.siltstone.cli.topics;

import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/**
 * The partitions of a topic for which no node answered: nobody owns them at the moment, or their owner was not reached.
 * Asking again helps.
 *
 * @param partitions their numbers
 * @param refusals what went wrong with which node, for people
 */
public record Unanswered(SortedSet<Integer> partitions, List<String> refusals) {

    public Unanswered {
        refusals = List.copyOf(refusals);
    }

    /** Those of a topic of {@code count} partitions that are not among {@code answered}. */
    static Unanswered of(int count, Collection<Integer> answered, List<String> refusals) {
        SortedSet<Integer> missing =
                new TreeSet<>(IntStream.range(0, count).boxed().toList());
        missing.removeAll(new TreeSet<>(answered));
        return new Unanswered(missing, refusals);
    }

    boolean isEmpty() {
        return partitions.isEmpty();
    }

    /** Which they are and why, in one line. */
    String message(String topic) {
        return "no ingest node answered for partitions " + partitions + " of " + topic
                + (refusals.isEmpty() ? "" : " (" + String.join("; ", refusals) + ")");
    }
}
