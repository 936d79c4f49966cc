package io.siltstone.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What sealing makes of what the owners of a topic's two partitions answer. */
class SealingTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final List<String> REFUSED = List.of("node 2 did not answer");

    private final Owners owners = new Owners();

    @Test
    void waitsForAPartitionThatNobodyAnswersFor() throws Exception {
        owners.segments.add(List.of(tiered(0)));
        owners.segments.add(List.of(tiered(0), closed(1)));
        owners.segments.add(List.of(tiered(0), tiered(1)));
        List<TopicSegments> looks = new ArrayList<>();

        new Sealing(owners, "t", LONG).await(looks::add);

        assertThat(looks).hasSize(3);
    }

    @Test
    void saysWhichPartitionDidNotAnswerInTime() {
        owners.segments.add(List.of(tiered(0)));

        assertThatThrownBy(() -> new Sealing(owners, "t", Duration.ZERO).await(look -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("partitions [1] of t (node 2 did not answer)");
    }

    @Test
    void sealsAgainUntilEachOwnerWasTold() throws Exception {
        owners.sealed.addAll(List.of(List.of(), List.of(1), List.of(0)));

        new Sealing(owners, "t", LONG).seal();

        assertThat(owners.sealed).isEmpty();
    }

    @Test
    void saysWhichPartitionCouldNotBeSealedInTime() {
        owners.sealed.add(List.of(0));

        assertThatThrownBy(() -> new Sealing(owners, "t", Duration.ZERO).seal())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not sealed after 0 s")
                .hasMessageContaining("partitions [1]");
    }

    private static SegmentLine tiered(int partition) {
        return new SegmentLine(partition, 1, "tiered", 0, 10, List.of(), 0, 100, "key");
    }

    private static SegmentLine closed(int partition) {
        return new SegmentLine(partition, 1, "closed", 0, 10, List.of("1/1"), 100, 0, null);
    }

    /** Answers as it was told to, one answer after the other; seals whatever it is asked to after that. */
    private static final class Owners implements SegmentOwners {
        private final Deque<List<SegmentLine>> segments = new ArrayDeque<>();
        private final Deque<List<Integer>> sealed = new ArrayDeque<>();

        @Override
        public TopicSegments segments(String topic) {
            List<SegmentLine> lines = segments.remove();
            List<Integer> answered = lines.stream().map(SegmentLine::partition).toList();
            return new TopicSegments(lines, Unanswered.of(2, answered, REFUSED));
        }

        @Override
        public TopicSegments complete(String topic, TopicSegments earlier) {
            throw new UnsupportedOperationException("a sealing looks at everything each time");
        }

        @Override
        public Unanswered seal(String topic) {
            List<Integer> reached = sealed.isEmpty() ? List.of(0, 1) : sealed.remove();
            return Unanswered.of(2, reached, REFUSED);
        }
    }
}
