package io.siltstone.cli.demo;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * A live consumer group of one member. It keeps its own positions and seeks to them when it is given its partitions
 * again, as an application does that must see each record once: what then comes twice is the cluster's fault. Runs on
 * a thread of its own, which alone writes the ledger.
 */
final class GroupReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final String group;
    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Ledger ledger;
    private final long[] positions;
    private final RecordHash hash = new RecordHash();
    private final AtomicLong records = new AtomicLong();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopping;

    /**
     * A member of this group that begins to read at once.
     *
     * @param protocol {@code classic} or {@code consumer}
     */
    GroupReader(String bootstrap, String topic, String group, String protocol, Ledger ledger) {
        this.group = group;
        this.ledger = ledger;
        this.positions = new long[ledger.partitions()];
        Properties properties = new Properties();
        properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, protocol);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        properties.put(ConsumerConfig.AUTO_COMMIT_INTERVAL_MS_CONFIG, 1_000);
        properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 5_000);
        this.consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.thread = new Thread(() -> run(topic), "group-" + group);
        this.thread.setDaemon(true);
        this.thread.start();
    }

    String group() {
        return group;
    }

    /** Records seen so far, repeated ones included. */
    long records() {
        return records.get();
    }

    /** Why the reader ended; null while it reads. */
    @Nullable
    Throwable failure() {
        return failure.get();
    }

    @Override
    public void close() {
        stopping = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(String topic) {
        try (consumer) {
            consumer.subscribe(List.of(topic), new OwnPositions());
            while (!stopping) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    ledger.add(
                            record.partition(),
                            record.offset(),
                            hash.of(record.timestamp(), record.key(), record.value()));
                    positions[record.partition()] = record.offset() + 1;
                    records.incrementAndGet();
                }
            }
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private final class OwnPositions implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> consumer.seek(partition, positions[partition.partition()]));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}
    }
}
