package io.siltstone.cli.demo;

import io.siltstone.cli.input.InputRecord;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Produces records at an even pace with the Java Kafka client, and takes down each acknowledgement. One thread sends;
 * acknowledgements come on the client's own thread, which alone writes the ledger.
 */
final class Feed implements AutoCloseable {
    private final KafkaProducer<byte[], byte[]> producer;
    private final String topic;
    private final FeedPace pace;
    private final Ledger ledger;
    private final PauseMeter pauses;
    private final RecordHash hash = new RecordHash();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private final Object gate = new Object();
    private long gateAfter;

    /**
     * A feed that has sent nothing yet.
     *
     * @param gateAfter records that it does not pass until {@link #moveGate} lets it: it goes slower towards them
     */
    Feed(String bootstrap, String topic, double recordsPerSecond, long gateAfter, Ledger ledger, PauseMeter pauses) {
        this.topic = topic;
        this.pace = new FeedPace(recordsPerSecond, System.nanoTime());
        this.gateAfter = gateAfter;
        this.ledger = ledger;
        this.pauses = pauses;
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, 64 << 10);
        properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 300_000);
        properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 120_000);
        this.producer = new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Sends one record when its time has come. */
    void send(InputRecord record) throws InterruptedException {
        awaitTurn(awaitGate());
        Long given = record.timestamp();
        long timestamp = given == null ? System.currentTimeMillis() : given;
        long recordHash = hash.of(timestamp, record.key(), record.value());
        long sentNanos = System.nanoTime();
        producer.send(
                new ProducerRecord<>(topic, null, timestamp, record.key(), record.value()),
                (metadata, error) -> acknowledge(metadata, error, recordHash, sentNanos));
        sent.incrementAndGet();
    }

    /** Lets records go until so many have been sent in all. */
    void moveGate(long records) {
        synchronized (gate) {
            gateAfter = records;
            gate.notifyAll();
        }
    }

    /** Returns when every record sent so far is acknowledged or has failed. */
    void flush() {
        producer.flush();
    }

    long sent() {
        return sent.get();
    }

    long acknowledged() {
        return acknowledged.get();
    }

    /** Why a record was not acknowledged; null if none failed. */
    @Nullable
    Exception failure() {
        return failure.get();
    }

    /**
     * Bytes of the record batches that were sent, by the client's own meter. Exact as long as no batch was sent again;
     * after that an estimate, in which the repetitions count as the mean of all batches.
     */
    long batchBytes() {
        double bytes = topicMetric("byte-total");
        double records = topicMetric("record-send-total");
        return records == 0 ? 0 : Math.round(bytes * sent.get() / records);
    }

    @Override
    public void close() {
        producer.close();
    }

    /** The meters count a batch again when it is sent again. */
    private double topicMetric(String name) {
        return producer.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().group().equals("producer-topic-metrics")
                        && entry.getKey().name().equals(name)
                        && topic.equals(entry.getKey().tags().get("topic")))
                .mapToDouble(entry -> (double) entry.getValue().metricValue())
                .sum();
    }

    /** How many records may go before the gate, at least one. */
    private long awaitGate() throws InterruptedException {
        synchronized (gate) {
            while (sent.get() >= gateAfter) {
                gate.wait();
            }
            return gateAfter - sent.get();
        }
    }

    private void awaitTurn(long left) {
        long due = pace.next(left, System.nanoTime());
        long early = due - System.nanoTime();
        while (early > TimeUnit.MILLISECONDS.toNanos(1)) {
            LockSupport.parkNanos(early);
            early = due - System.nanoTime();
        }
    }

    private void acknowledge(
            @Nullable RecordMetadata metadata, @Nullable Exception error, long recordHash, long sentNanos) {
        if (error != null || metadata == null) {
            failure.compareAndSet(null, error);
            return;
        }
        pauses.acknowledged(metadata.partition(), sentNanos, System.nanoTime());
        ledger.add(metadata.partition(), metadata.offset(), recordHash);
        acknowledged.incrementAndGet();
    }
}
