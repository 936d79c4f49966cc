package io.siltstone.client.source;

import io.siltstone.client.source.HistoryException.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The live log, read by a plain Kafka consumer without a group; the consumer is opened when it is first needed. */
final class KafkaLiveTail implements LiveTail {

    private final Supplier<Consumer<byte[], byte[]>> opener;
    private final Set<TopicPartition> assigned = new HashSet<>();
    private @Nullable Consumer<byte[], byte[]> consumer;

    KafkaLiveTail(Supplier<Consumer<byte[], byte[]>> opener) {
        this.opener = opener;
    }

    @Override
    public void follow(TopicPartition partition, long offset) {
        if (assigned.add(partition)) {
            open().assign(assigned);
        }
        open().seek(partition, offset);
    }

    @Override
    public void unfollow(TopicPartition partition) {
        if (assigned.remove(partition)) {
            open().assign(assigned);
        }
    }

    @Override
    public void pause(TopicPartition partition) {
        open().pause(Set.of(partition));
    }

    @Override
    public void resume(TopicPartition partition) {
        if (assigned.contains(partition)) {
            open().resume(Set.of(partition));
        }
    }

    @Override
    public List<ConsumerRecord<byte[], byte[]>> poll(Duration timeout) {
        if (assigned.isEmpty()) {
            return List.of();
        }
        return call(live -> {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            live.poll(timeout).forEach(records::add);
            return records;
        });
    }

    @Override
    public long position(TopicPartition partition) {
        return call(live -> live.position(partition));
    }

    @Override
    public void close() {
        if (consumer != null) {
            consumer.close();
        }
    }

    private <T> T call(Function<Consumer<byte[], byte[]>, T> question) {
        try {
            return question.apply(open());
        } catch (OffsetOutOfRangeException e) {
            throw new HistoryException(
                    Kind.GONE, "records that were to be read next are deleted: " + e.offsetOutOfRangePartitions(), e);
        } catch (KafkaException e) {
            throw new HistoryException(Kind.UNAVAILABLE, "the live log cannot be read: " + e.getMessage(), e);
        }
    }

    private Consumer<byte[], byte[]> open() {
        Consumer<byte[], byte[]> opened = consumer;
        if (opened == null) {
            opened = opener.get();
            consumer = opened;
        }
        return opened;
    }
}
