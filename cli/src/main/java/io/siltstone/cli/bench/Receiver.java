package io.siltstone.cli.bench;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.BooleanSupplier;
import java.util.function.ObjLongConsumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads all partitions of a topic with the Java Kafka client, without a group. Confined to one thread. */
final class Receiver implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long PATIENCE_NANOS = 60_000_000_000L;

    private final KafkaConsumer<byte[], byte[]> consumer;

    Receiver(String bootstrap, String topic) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        this.consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(partition -> new TopicPartition(topic, partition.partition()))
                .toList();
        consumer.assign(partitions);
    }

    void seekToBeginning() {
        consumer.seekToBeginning(consumer.assignment());
    }

    /** Moves to the end and returns when every position is known. */
    void seekToEnd() {
        consumer.seekToEnd(consumer.assignment());
        consumer.assignment().forEach(consumer::position);
    }

    /** Reads this many records. */
    void count(long records) {
        read(records, (record, now) -> {}, () -> false);
    }

    /**
     * Reads this many records of a {@link Sender}; returns the time from each one's send to its arrival here.
     *
     * @param failed whether the sender has given up, so that no more will come
     */
    Latencies receive(long records, BooleanSupplier failed) {
        Latencies latencies = new Latencies();
        read(
                records,
                (record, now) ->
                        latencies.record(now - ByteBuffer.wrap(record.value()).getLong()),
                failed);
        return latencies;
    }

    private void read(long records, ObjLongConsumer<ConsumerRecord<byte[], byte[]>> each, BooleanSupplier failed) {
        long received = 0;
        long lastArrival = System.nanoTime();
        while (received < records && !failed.getAsBoolean()) {
            var polled = consumer.poll(POLL);
            long now = System.nanoTime();
            for (ConsumerRecord<byte[], byte[]> record : polled) {
                each.accept(record, now);
            }
            received += polled.count();
            lastArrival = polled.isEmpty() ? lastArrival : now;
            if (now - lastArrival > PATIENCE_NANOS) {
                throw new IllegalStateException(
                        "no record came for 60 s, " + received + " of " + records + " are there");
            }
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
