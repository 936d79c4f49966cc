package io.siltstone.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.UUID;
import org.junit.jupiter.api.Test;

class BucketKeysTest {

    private static final UUID TOPIC = new UUID(1, 2);
    private final PartitionKeys keys = new BucketKeys("cluster").partition(TOPIC, 3);

    @Test
    void everyKeyLiesUnderClusterAndTopic() {
        assertThat(keys.segment(12, 4, "ab"))
                .isEqualTo("cluster/" + TOPIC + "/3/segments/0000000000000000012-0000000004-ab");
        assertThat(keys.root(4, 9)).isEqualTo("cluster/" + TOPIC + "/3/roots/0000000004-0000000000000000009");
        assertThat(keys.bucket().topicDescription(TOPIC, 1))
                .isEqualTo("cluster/" + TOPIC + "/topic/0000000000000000001");
    }

    @Test
    void rootKeysSortByEpochThenSequence() {
        assertThat(keys.root(2, 5)).isGreaterThan(keys.root(2, 4)).isLessThan(keys.root(10, 1));
    }

    @Test
    void keysTellTheirEpoch() {
        assertThat(PartitionKeys.epochOf(keys.segment(12, 4, "ab"))).hasValue(4);
        assertThat(PartitionKeys.epochOf(keys.node(5, 1, "ab", 0))).hasValue(5);
        assertThat(PartitionKeys.epochOf(keys.root(6, 1))).hasValue(6);
        assertThat(PartitionKeys.epochOf(keys.bucket().topicDescription(TOPIC, 1)))
                .isEmpty();
    }

    @Test
    void segmentKeysTellTheirBaseOffset() {
        assertThat(PartitionKeys.baseOffsetOf(keys.segment(12, 4, "ab"))).hasValue(12);
        assertThat(PartitionKeys.baseOffsetOf(keys.root(6, 1))).isEmpty();
    }

    @Test
    void shortKeysStandForTheirPartitionOnly() {
        String foreign = new BucketKeys("cluster").partition(TOPIC, 4).segment(1, 1, "x");

        assertThat(keys.shorten(keys.segment(1, 1, "x"))).startsWith("segments/");
        assertThat(keys.expand(keys.shorten(keys.segment(1, 1, "x")))).isEqualTo(keys.segment(1, 1, "x"));
        assertThat(keys.expand(keys.shorten(foreign))).isEqualTo(foreign);
    }

    @Test
    void refusesWhatCannotBePartOfAKey() {
        assertThatThrownBy(() -> new BucketKeys("a/b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> keys.segment(1, 1, "a-b")).isInstanceOf(IllegalArgumentException.class);
    }
}
