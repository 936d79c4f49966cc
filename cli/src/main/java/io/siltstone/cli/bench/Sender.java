package io.siltstone.cli.bench;

import java.nio.ByteBuffer;
import java.util.Properties;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Sends a load with the Java Kafka client, acks=all and idempotent. Each value begins with the time when it was sent or,
 * at a fixed pace, when it should have been: a stall then counts for every record that it held up.
 */
final class Sender {
    private static final int VALUES = 64;

    private final String bootstrap;
    private final String topic;

    Sender(String bootstrap, String topic) {
        this.bootstrap = bootstrap;
        this.topic = topic;
    }

    /** Sends the load; returns when all is acknowledged, with the time from send to acknowledgement. */
    Latencies send(Load load) {
        Latencies latencies = new Latencies();
        AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
        byte[][] values = values(load.recordBytes());
        try (KafkaProducer<byte[], byte[]> producer = producer(load)) {
            long start = System.nanoTime();
            for (long n = 0; n < load.records() && failure.get() == null; n++) {
                long due = due(start, n, load);
                byte[] value = values[(int) (n % VALUES)].clone();
                ByteBuffer.wrap(value).putLong(due);
                producer.send(new ProducerRecord<>(topic, value), (metadata, error) -> {
                    if (error != null) {
                        failure.compareAndSet(null, error);
                    } else {
                        latencies.record(System.nanoTime() - due);
                    }
                });
            }
            producer.flush();
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a record was not acknowledged: " + failed.getMessage(), failed);
        }
        return latencies;
    }

    /** Waits until the record's turn, and returns the time at which that is. */
    private static long due(long start, long n, Load load) {
        if (load.recordsPerSecond() == 0) {
            return System.nanoTime();
        }
        long due = start + (long) (n / load.recordsPerSecond() * TimeUnit.SECONDS.toNanos(1));
        for (long early = due - System.nanoTime(); early > 0; early = due - System.nanoTime()) {
            LockSupport.parkNanos(early);
        }
        return due;
    }

    private KafkaProducer<byte[], byte[]> producer(Load load) {
        Properties properties = new Properties();
        properties.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.LINGER_MS_CONFIG, load.lingerMs());
        properties.put(ProducerConfig.BATCH_SIZE_CONFIG, load.batchBytes());
        properties.put(ProducerConfig.BUFFER_MEMORY_CONFIG, 64L << 20);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Bytes that do not compress, the same in every run. */
    private static byte[][] values(int bytes) {
        SplittableRandom random = new SplittableRandom(1);
        byte[][] values = new byte[VALUES][bytes];
        for (byte[] value : values) {
            random.nextBytes(value);
        }
        return values;
    }
}
