package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

class HighWatermarkTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);
    private static final SegmentId FOURTH = new SegmentId(PARTITION, 4);
    private static final SegmentId FIFTH = new SegmentId(PARTITION, 5);

    private final HighWatermark highWatermark = new HighWatermark();
    private final List<Long> heard = new ArrayList<>();
    private final List<String> woken = new ArrayList<>();

    @Test
    void neverFalls() {
        // given
        highWatermark.begin(100);

        // when
        boolean same = highWatermark.advance(100, FOURTH, 7);
        boolean lower = highWatermark.advance(99, FOURTH, 7);

        // then
        assertThat(same).isFalse();
        assertThat(lower).isFalse();
        assertThat(highWatermark.offset()).isEqualTo(100);
        assertThat(highWatermark.lastEntry(4)).isEqualTo(-1);
    }

    @Test
    void tellsOfTheOpenSegmentWhatMayBeRead() {
        // when
        highWatermark.advance(110, FOURTH, 8);
        highWatermark.include(1_000);
        highWatermark.include(900);

        // then
        assertThat(highWatermark.offset()).isEqualTo(110);
        assertThat(highWatermark.lastEntry(4)).isEqualTo(8);
        assertThat(highWatermark.greatestTimestamp(4)).isEqualTo(1_000);
        assertThat(highWatermark.lastEntry(5)).isEqualTo(-1);
        assertThat(highWatermark.greatestTimestamp(5)).isEqualTo(-1);
    }

    @Test
    void startsOverWithTheNextSegment() {
        // given
        highWatermark.advance(110, FOURTH, 8);
        highWatermark.include(1_000);

        // when
        highWatermark.advance(120, FIFTH, 1);
        highWatermark.include(500);

        // then
        assertThat(highWatermark.lastEntry(4)).isEqualTo(-1);
        assertThat(highWatermark.lastEntry(5)).isEqualTo(1);
        assertThat(highWatermark.greatestTimestamp(5)).isEqualTo(500);
    }

    @Test
    void tellsListenersWhereItIsAtOnceAndAtEachAnnouncementUntilTheyGo() {
        // given
        LongConsumer listener = heard::add;
        highWatermark.begin(100);
        highWatermark.addListener(listener);

        // when
        highWatermark.advance(110, FOURTH, 8);
        highWatermark.announce();
        highWatermark.removeListener(listener);
        highWatermark.advance(120, FOURTH, 9);
        highWatermark.announce();

        // then
        assertThat(heard).containsExactly(100L, 110L);
    }

    @Test
    void wakesAWaiterOnce() {
        // given
        highWatermark.await(new Fetch("first"));

        // when
        highWatermark.advance(110, FOURTH, 8);
        highWatermark.announce();
        highWatermark.await(new Fetch("second"));
        highWatermark.wakeAll();

        // then
        assertThat(woken).containsExactly("first at 110", "second at 110");
    }

    private final class Fetch implements HighWatermarkWaiters.Waiter {

        private final String name;

        Fetch(String name) {
            this.name = name;
        }

        @Override
        public boolean isOver() {
            return false;
        }

        @Override
        public void wake() {
            woken.add(name + " at " + highWatermark.offset());
        }
    }
}
