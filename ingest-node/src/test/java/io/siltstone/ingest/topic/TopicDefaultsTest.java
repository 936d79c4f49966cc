package io.siltstone.ingest.topic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.log.chain.Quorum;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.junit.jupiter.api.Test;

class TopicDefaultsTest {

    @Test
    void keepsHistoryForEverAndRollsSoonByDefault() {
        TopicSettings settings = new TopicDefaults(Map.of()).settings(Map.of());

        assertThat(settings.log().retentionMs).isEqualTo(-1);
        assertThat(settings.log().retentionSize).isEqualTo(-1);
        assertThat(settings.log().segmentSize()).isEqualTo(128 << 20);
        assertThat(settings.log().segmentMs).isEqualTo(600_000);
        assertThat(settings.quorum()).isEqualTo(new Quorum(3, 2));
    }

    @Test
    void takesTheNodesSettingsUnderBrokerNamesAndConvertsTheirUnits() {
        TopicDefaults defaults = new TopicDefaults(
                Map.of("log.retention.hours", "2", "log.segment.bytes", "2097152", "num.partitions", "4"));

        assertThat(defaults.settings(Map.of()).log().retentionMs).isEqualTo(7_200_000);
        assertThat(defaults.settings(Map.of()).log().segmentSize()).isEqualTo(2 << 20);
        assertThat(defaults.partitions()).isEqualTo(4);
    }

    @Test
    void prefersTheTopicsOwnSettings() {
        TopicDefaults defaults = new TopicDefaults(Map.of("log.retention.ms", "5"));

        TopicSettings settings = defaults.settings(Map.of("retention.ms", "9", TopicSettings.REPLICATION_FACTOR, "1"));

        assertThat(settings.log().retentionMs).isEqualTo(9);
        assertThat(settings.quorum()).isEqualTo(new Quorum(1, 1));
    }

    @Test
    void movesTheAckQuorumIntoItsLimits() {
        TopicDefaults defaults = new TopicDefaults(Map.of());

        assertThat(defaults.settings(Map.of("min.insync.replicas", "1")).quorum())
                .isEqualTo(new Quorum(3, 2));
        assertThat(defaults.settings(Map.of("min.insync.replicas", "5")).quorum())
                .isEqualTo(new Quorum(3, 3));
    }

    @Test
    void refusesUnknownNamesAndBadValues() {
        TopicDefaults defaults = new TopicDefaults(Map.of());

        assertThatThrownBy(() -> defaults.validate(Map.of("no.such.setting", "1")))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThatThrownBy(() -> defaults.validate(Map.of("retention.ms", "soon")))
                .isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> new TopicDefaults(Map.of("log.segment.bytes", "5")))
                .isInstanceOf(ConfigException.class);
    }
}
