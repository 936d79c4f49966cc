package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.siltstone.ingest.partition.WaitingAppends.WaitingAppend;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.junit.jupiter.api.Test;

class WaitingAppendsTest {

    private static final long NOW_MS = 1_000_000;
    private static final long FOR_EVER = Long.MAX_VALUE;
    private static final long NOBODY = RecordBatch.NO_PRODUCER_ID;

    private final WaitingAppends line = new WaitingAppends();
    private final List<String> appended = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<RuntimeException> reasons = new ArrayList<>();

    @Test
    void handsOverInOrderWhileThereIsRoom() {
        // given
        add("first", NOBODY, FOR_EVER);
        add("second", NOBODY, FOR_EVER);
        add("third", NOBODY, FOR_EVER);

        // when
        line.drainWhile(() -> appended.size() < 2, this::append);

        // then
        assertThat(appended).containsExactly("first", "second");
        assertThat(line.isEmpty()).isFalse();
    }

    @Test
    void handsOverAllWhereTheRoomLasts() {
        // given
        add("first", NOBODY, FOR_EVER);
        add("second", NOBODY, FOR_EVER);

        // when
        line.drainWhile(() -> true, this::append);

        // then
        assertThat(appended).containsExactly("first", "second");
        assertThat(line.isEmpty()).isTrue();
    }

    @Test
    void stopsHandingOverWhenOneOfThemEndsTheTenure() {
        // given
        RuntimeException over = new IllegalStateException("over");
        add("breaks", NOBODY, FOR_EVER);
        add("behind it", NOBODY, FOR_EVER);

        // when
        line.drainWhile(() -> true, next -> {
            append(next);
            line.fail(over);
        });

        // then
        assertThat(appended).containsExactly("breaks");
        assertThat(failed).containsExactly("behind it");
        assertThat(reasons).containsExactly(over);
    }

    @Test
    void givesUpAtTheDeadlineOfTheRequest() {
        // given
        add("late", NOBODY, NOW_MS + 10);
        add("in time", NOBODY, NOW_MS + 11);

        // when
        giveUpAt(NOW_MS + 10);

        // then
        assertThat(failed).containsExactly("late");
        assertThat(reasons).singleElement().isInstanceOf(TimeoutException.class);
    }

    @Test
    void givesUpAfterAMinuteWhateverTheRequestSays() {
        // given
        add("patient", NOBODY, FOR_EVER);

        // when
        giveUpAt(NOW_MS + 59_999);
        List<String> failedEarly = List.copyOf(failed);
        giveUpAt(NOW_MS + 60_000);

        // then
        assertThat(failedEarly).isEmpty();
        assertThat(failed).containsExactly("patient");
    }

    @Test
    void lateBatchTakesWithItTheLaterOnesOfItsProducerAlone() {
        // given
        add("earlier of 1", 1, FOR_EVER);
        add("late of 1", 1, NOW_MS);
        add("of 2", 2, FOR_EVER);
        add("next of 1", 1, FOR_EVER);

        // when
        giveUpAt(NOW_MS);
        line.drainWhile(() -> true, this::append);

        // then
        assertThat(failed).containsExactly("late of 1", "next of 1");
        assertThat(appended).containsExactly("earlier of 1", "of 2");
    }

    @Test
    void lateBatchesOfNoProducerTakeNothingWithThem() {
        // given
        add("late", NOBODY, NOW_MS);
        add("patient", NOBODY, FOR_EVER);

        // when
        giveUpAt(NOW_MS);

        // then
        assertThat(failed).containsExactly("late");
    }

    @Test
    void givesUpWhatNobodyWaitsForAndKeepsWhatItsProducerSentAgain() {
        // given
        add("of the lost connection", 1, FOR_EVER, true);
        add("of the new connection", 1, FOR_EVER, false);

        // when
        giveUpAt(NOW_MS);

        // then
        assertThat(failed).containsExactly("of the lost connection");
    }

    private void add(String name, long producer, long deadlineMs) {
        add(name, producer, deadlineMs, false);
    }

    private void add(String name, long producer, long deadlineMs, boolean pointless) {
        SimpleRecord record = new SimpleRecord(1_000, name.getBytes(StandardCharsets.UTF_8));
        MemoryRecords records = producer == NOBODY
                ? MemoryRecords.withRecords(Compression.NONE, record)
                : MemoryRecords.withIdempotentRecords(Compression.NONE, producer, (short) 0, 0, record);
        line.add(
                records,
                Unpooled.EMPTY_BUFFER,
                0,
                AppendOrigin.CLIENT,
                deadlineMs,
                new NamedCallback(name, pointless),
                NOW_MS);
    }

    private void append(WaitingAppend next) {
        appended.add(((NamedCallback) next.callback()).name);
    }

    private void giveUpAt(long nowMs) {
        line.giveUp(nowMs, () -> new TimeoutException("no room"));
    }

    private final class NamedCallback implements AppendCallback {

        private final String name;
        private final boolean pointless;

        NamedCallback(String name, boolean pointless) {
            this.name = name;
            this.pointless = pointless;
        }

        @Override
        public void appended(long baseOffset, long logAppendTimeMs, long logStartOffset) {
            throw new AssertionError("the line appends nothing");
        }

        @Override
        public void failed(RuntimeException why) {
            failed.add(name);
            reasons.add(why);
        }

        @Override
        public boolean isPointless() {
            return pointless;
        }
    }
}
