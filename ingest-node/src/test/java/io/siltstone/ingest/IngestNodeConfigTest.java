package io.siltstone.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class IngestNodeConfigTest {

    private static final Map<String, String> NEEDED = Map.of("node.id", "1", "zookeeper.connect", "localhost:2181");

    @Test
    void environmentOverridesTheFile() {
        IngestNodeConfig config = IngestNodeConfig.of(NEEDED, Map.of("SILTSTONE_HTTP_PORT", "1234", "PATH", "/bin"));

        assertThat(config.httpPort()).isEqualTo(1234);
        assertThat(config.port()).isEqualTo(9092);
    }

    @Test
    void unknownKeysAreRefusedByName() {
        assertThatThrownBy(() -> IngestNodeConfig.of(
                        Map.of("node.id", "1", "zookeeper.connect", "x:1", "tail.cache.byte", "7"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("tail.cache.byte");
    }

    @Test
    void producersAreForgottenAfterADayUnlessKafkasNameSaysOtherwise() {
        assertThat(IngestNodeConfig.of(NEEDED, Map.of()).producerExpirationMs()).isEqualTo(86_400_000);
        assertThat(IngestNodeConfig.of(NEEDED, Map.of("SILTSTONE_PRODUCER_ID_EXPIRATION_MS", "5000"))
                        .producerExpirationMs())
                .isEqualTo(5_000);
    }

    @Test
    void sendBufferIsKafkasUnlessTheSystemIsToChoose() {
        assertThat(IngestNodeConfig.of(NEEDED, Map.of()).sendBufferBytes()).isEqualTo(102_400);
        assertThat(IngestNodeConfig.of(NEEDED, Map.of("SILTSTONE_SOCKET_SEND_BUFFER_BYTES", "-1"))
                        .sendBufferBytes())
                .isEqualTo(IngestNodeConfig.SYSTEM_BUFFER);
        assertThatThrownBy(() -> IngestNodeConfig.of(NEEDED, Map.of("SILTSTONE_SOCKET_SEND_BUFFER_BYTES", "0")))
                .hasMessageContaining("socket.send.buffer.bytes");
    }

    @Test
    void wrongValuesAreRefusedByName() {
        assertThatThrownBy(() -> IngestNodeConfig.of(NEEDED, Map.of("SILTSTONE_PORT", "many")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("port")
                .hasMessageContaining("many");
        assertThatThrownBy(() -> IngestNodeConfig.of(Map.of("node.id", "1"), Map.of()))
                .hasMessageContaining("zookeeper.connect");
    }

    @Test
    void brokerNamesOfKafkaSetWhatTopicsGet() {
        IngestNodeConfig config = IngestNodeConfig.of(
                NEEDED, Map.of("SILTSTONE_MIN_INSYNC_REPLICAS", "3", "SILTSTONE_NUM_PARTITIONS", "6"));

        assertThat(config.topicDefaults().partitions()).isEqualTo(6);
        assertThat(config.topicDefaults().settings(Map.of()).quorum().ack()).isEqualTo(3);
    }
}
