package io.siltstone.client.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class KafkaLiveTailTest {

    private static final TopicPartition FIRST = new TopicPartition("t", 0);
    private static final TopicPartition SECOND = new TopicPartition("t", 1);

    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
    private final AtomicInteger opened = new AtomicInteger();
    private final KafkaLiveTail tail = new KafkaLiveTail(() -> {
        opened.incrementAndGet();
        return consumer;
    });

    private List<Long> offsets() {
        return tail.poll(Duration.ZERO).stream().map(ConsumerRecord::offset).toList();
    }

    @Test
    void opensNoConsumerBeforeItIsNeeded() {
        assertThat(tail.poll(Duration.ZERO)).isEmpty();
        tail.close();

        assertThat(opened).hasValue(0);
    }

    @Test
    void readsFromTheExactOffsetAndKeepsItsPlaceWhenOthersJoin() {
        tail.follow(FIRST, 5);
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L, SECOND, 0L));
        consumer.addRecord(new ConsumerRecord<>("t", 0, 5, new byte[0], new byte[0]));
        assertThat(offsets()).containsExactly(5L);

        tail.follow(SECOND, 9);
        consumer.addRecord(new ConsumerRecord<>("t", 1, 9, new byte[0], new byte[0]));
        consumer.addRecord(new ConsumerRecord<>("t", 0, 6, new byte[0], new byte[0]));

        assertThat(offsets()).containsExactlyInAnyOrder(6L, 9L);
        assertThat(tail.position(FIRST)).isEqualTo(7);
        assertThat(tail.position(SECOND)).isEqualTo(10);
        assertThat(opened).hasValue(1);
    }

    @Test
    void pausedPartitionsGiveNothing() {
        tail.follow(FIRST, 0);
        consumer.updateBeginningOffsets(Map.of(FIRST, 0L));
        tail.pause(FIRST);
        consumer.addRecord(new ConsumerRecord<>("t", 0, 0, new byte[0], new byte[0]));

        assertThat(offsets()).isEmpty();
        tail.resume(FIRST);
        assertThat(offsets()).containsExactly(0L);
    }

    @Test
    void saysThatTheLiveLogCannotBeRead() {
        tail.follow(FIRST, 0);
        consumer.setPollException(new KafkaException("no broker"));

        assertThatThrownBy(() -> tail.poll(Duration.ZERO))
                .isInstanceOfSatisfying(
                        HistoryException.class, e -> assertThat(e.kind()).isEqualTo(HistoryException.Kind.UNAVAILABLE));
    }
}
