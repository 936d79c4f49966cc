package io.siltstone.client;

import io.siltstone.client.source.LiveTail;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** A live log in memory, which also holds what is in the bucket; gives a few records of each partition per poll. */
final class FakeLiveTail implements LiveTail {

    private static final int AT_ONCE = 3;

    final Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> logs = new HashMap<>();
    final Map<TopicPartition, Long> followedFrom = new HashMap<>();
    private final Map<TopicPartition, Long> positions = new HashMap<>();
    private final Set<TopicPartition> paused = new HashSet<>();
    boolean closed;

    void add(TopicPartition partition, long offset, long timestamp) {
        byte[] value =
                (partition.topic() + "-" + partition.partition() + "-" + offset).getBytes(StandardCharsets.UTF_8);
        logs.computeIfAbsent(partition, key -> new ArrayList<>())
                .add(new ConsumerRecord<>(
                        partition.topic(),
                        partition.partition(),
                        offset,
                        timestamp,
                        org.apache.kafka.common.record.TimestampType.CREATE_TIME,
                        -1,
                        value.length,
                        null,
                        value,
                        new org.apache.kafka.common.header.internals.RecordHeaders(),
                        java.util.Optional.empty()));
    }

    @Override
    public void follow(TopicPartition partition, long offset) {
        followedFrom.put(partition, offset);
        positions.put(partition, offset);
    }

    @Override
    public void unfollow(TopicPartition partition) {
        positions.remove(partition);
    }

    @Override
    public void pause(TopicPartition partition) {
        paused.add(partition);
    }

    @Override
    public void resume(TopicPartition partition) {
        paused.remove(partition);
    }

    @Override
    public List<ConsumerRecord<byte[], byte[]>> poll(Duration timeout) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        positions.replaceAll((partition, position) -> {
            long next = position;
            int given = 0;
            for (ConsumerRecord<byte[], byte[]> record : logs.getOrDefault(partition, List.of())) {
                if (record.offset() >= position && given < AT_ONCE && !paused.contains(partition)) {
                    records.add(record);
                    given++;
                    next = record.offset() + 1;
                }
            }
            return next;
        });
        return records;
    }

    @Override
    public long position(TopicPartition partition) {
        return positions.getOrDefault(partition, -1L);
    }

    @Override
    public void close() {
        closed = true;
    }
}
