package io.siltstone.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;

/** What is told of a topic of two partitions, one of which may be under way to another node. */
class SegmentSurveyTest {
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final String TAKING_OVER = "node 2 has not opened partitions [1] yet";

    private final Owners owners = new Owners();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    @Test
    void asksAgainAboutThePartitionsThatWereNotAnsweredForAlone() throws Exception {
        owners.told.add(List.of(open(0, 3)));
        owners.told.add(List.of());
        owners.told.add(List.of(open(1, 7)));

        TopicSegments found = new SegmentSurvey(owners, LONG).look("t");

        assertThat(owners.asked).containsExactly(List.of(1), List.of(1));
        assertThat(found.unanswered().isEmpty()).isTrue();
        assertThat(found.lines()).containsExactly(open(0, 3), open(1, 7));
    }

    @Test
    void whoHasTheNewerSegmentOfAPartitionIsRight() {
        TopicSegments found = TopicSegments.none(1).with(List.of(open(0, 4))).with(List.of(open(0, 3)));

        assertThat(found.lines()).containsExactly(open(0, 4));
        assertThat(found.with(List.of(open(0, 5))).lines()).containsExactly(open(0, 5));
    }

    @Test
    void programsGetNoArrayThatIsIncomplete() throws Exception {
        owners.told.add(List.of(open(0, 3)));
        TopicSegments found = new SegmentSurvey(owners, Duration.ZERO).look("t");

        int exit = SegmentsCommand.tell(found, "t", true, new PrintWriter(out), new PrintWriter(err));

        assertThat(exit).isEqualTo(1);
        assertThat(out.toString()).isEmpty();
        assertThat(err.toString()).contains("no ingest node answered for partitions [1] of t (" + TAKING_OVER + ")");
    }

    @Test
    void peopleAreToldWhatIsKnownAndWhatIsMissing() throws Exception {
        owners.told.add(List.of(open(0, 3)));
        TopicSegments found = new SegmentSurvey(owners, Duration.ZERO).look("t");

        int exit = SegmentsCommand.tell(found, "t", false, new PrintWriter(out), new PrintWriter(err));

        assertThat(exit).isEqualTo(1);
        assertThat(out.toString()).contains("open");
        assertThat(err.toString()).contains("partitions [1] of t");
    }

    private static SegmentLine open(int partition, long segment) {
        return new SegmentLine(partition, segment, "open", 0, 10, List.of("1/1"), 100, 0, null);
    }

    /** Tells what it was told to, one answer after the other, and notes what it is asked again about. */
    private static final class Owners implements SegmentOwners {
        private final Deque<List<SegmentLine>> told = new ArrayDeque<>();
        private final List<List<Integer>> asked = new ArrayList<>();

        @Override
        public TopicSegments segments(String topic) {
            return TopicSegments.none(2).with(told.remove()).because(List.of(TAKING_OVER));
        }

        @Override
        public TopicSegments complete(String topic, TopicSegments earlier) {
            SortedSet<Integer> missing = earlier.unanswered().partitions();
            asked.add(List.copyOf(missing));
            return earlier.with(told.remove());
        }

        @Override
        public Unanswered seal(String topic) {
            throw new UnsupportedOperationException("nothing is sealed");
        }
    }
}
