package io.siltstone.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class TopicObjectTest {

    private final TopicObject topic = new TopicObject(
            new UUID(7, 8), "flights", 12, Map.of("retention.ms", "-1", "cleanup.policy", "delete"), 0, 3);

    @Test
    void comesBackAsItWas() {
        assertThat(TopicObject.decode("k", topic.encode())).isEqualTo(topic);
    }

    @Test
    void findsEveryFlippedByte() {
        ByteBuffer bytes = topic.encode();
        for (int i = 0; i < bytes.limit(); i++) {
            ByteBuffer broken = TestBatches.concat(bytes);
            broken.put(i, (byte) (broken.get(i) ^ 0x10));

            assertThatThrownBy(() -> TopicObject.decode("the-key", broken))
                    .isInstanceOf(CorruptObjectException.class)
                    .hasMessageContaining("the-key");
        }
    }
}
