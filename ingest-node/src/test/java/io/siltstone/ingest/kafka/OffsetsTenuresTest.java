package io.siltstone.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.ingest.cluster.FakeOffsetsLog;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.junit.jupiter.api.Test;

class OffsetsTenuresTest {

    private static final TopicPartition PARTITION = new TopicPartition("__consumer_offsets", 3);

    private final OffsetsTenures tenures = new OffsetsTenures();
    private final FakeOffsetsLog first = new FakeOffsetsLog(3, 5);
    private final FakeOffsetsLog second = new FakeOffsetsLog(3, 7);

    @Test
    void writesToNoTenureThatTheStateWasNotLoadedFrom() {
        tenures.open(first);
        assertThat(tenures.load(PARTITION)).isSameAs(first);

        tenures.close(first);
        tenures.open(second);

        assertThatThrownBy(() -> tenures.require(PARTITION)).isInstanceOf(NotLeaderOrFollowerException.class);
        assertThat(tenures.loaded(3)).isEmpty();
    }

    @Test
    void loadsTheNewestTenure() {
        tenures.open(first);
        tenures.close(first);
        tenures.open(second);

        assertThat(tenures.load(PARTITION)).isSameAs(second);
        assertThat(tenures.require(PARTITION)).isSameAs(second);
    }

    @Test
    void endingAnEarlierTenureLeavesTheLaterOneAlone() {
        tenures.open(first);
        tenures.open(second);
        tenures.load(PARTITION);

        tenures.close(first);

        assertThat(tenures.require(PARTITION)).isSameAs(second);
    }

    @Test
    void refusesToLoadWhatIsNotOwned() {
        assertThatThrownBy(() -> tenures.load(PARTITION)).isInstanceOf(NotLeaderOrFollowerException.class);
    }
}
