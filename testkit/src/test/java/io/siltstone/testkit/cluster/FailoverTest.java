package io.siltstone.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class FailoverTest {

    private static final String TOPIC = "survives";
    private static final int PARTITIONS = 4;

    private InProcessCluster cluster;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        cluster = InProcessCluster.start(folder, 3, 2, Map.of());
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) 3)))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void handOverOfAStoppingIngestNodeLosesAndRepeatsNothing() throws Exception {
        try (Stream stream = new Stream(cluster.bootstrapServers())) {
            stream.awaitAcknowledged(2_000);
            stream.resetPause();
            cluster.stopIngestNode(1);
            stream.awaitAcknowledged(stream.acknowledged() + 2_000);
            assertThat(stream.longestPauseMs()).isLessThan(3_000);
            cluster.startIngestNode(1);
            stream.awaitAcknowledged(stream.acknowledged() + 2_000);
            stream.finish();
            stream.assertCompleteAndInOrder();
        }
    }

    @Test
    void lossOfAStorageNodeStopsNobody() throws Exception {
        try (Stream stream = new Stream(cluster.bootstrapServers())) {
            stream.awaitAcknowledged(2_000);
            stream.resetPause();
            cluster.stopStorageNode(2);
            stream.awaitAcknowledged(stream.acknowledged() + 2_000);
            assertThat(stream.longestPauseMs()).isLessThan(3_000);
            cluster.startStorageNode(2);
            stream.awaitAcknowledged(stream.acknowledged() + 2_000);
            stream.finish();
            stream.assertCompleteAndInOrder();
        }
    }

    @Test
    void newOwnerServesWhatTheOldOneWrote() throws Exception {
        try (Stream stream = new Stream(cluster.bootstrapServers())) {
            stream.awaitAcknowledged(5_000);
            stream.finish();
            cluster.stopIngestNode(2);
            stream.assertCompleteAndInOrder();
        }
    }

    /** One idempotent producer that counts upwards in each partition until it is finished. */
    private final class Stream implements AutoCloseable {

        private final KafkaProducer<Long, Long> producer;
        private final Thread thread = new Thread(this::run, "stream");
        private final AtomicBoolean finished = new AtomicBoolean();
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger acknowledged = new AtomicInteger();
        private final AtomicLongArray lastAckNanos = new AtomicLongArray(PARTITIONS);
        private final AtomicLong longestPauseNanos = new AtomicLong();
        private final ConcurrentSkipListSet<Long> failed = new ConcurrentSkipListSet<>();

        Stream(String bootstrap) {
            producer = new KafkaProducer<>(
                    Map.of("bootstrap.servers", bootstrap, "linger.ms", "2", "delivery.timeout.ms", "60000"),
                    new LongSerializer(),
                    new LongSerializer());
            thread.start();
        }

        private void run() {
            long[] next = new long[PARTITIONS];
            while (!finished.get()) {
                int partition = sent.getAndIncrement() % PARTITIONS;
                long value = next[partition]++;
                var unused = producer.send(
                        new ProducerRecord<>(TOPIC, partition, (long) partition, value), (metadata, failure) -> {
                            if (failure != null) {
                                failed.add(value);
                                return;
                            }
                            long now = System.nanoTime();
                            longestPauseNanos.accumulateAndGet(now - lastAckNanos.getAndSet(partition, now), Math::max);
                            acknowledged.incrementAndGet();
                        });
                if (sent.get() % 20 == 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            }
        }

        int acknowledged() {
            return acknowledged.get();
        }

        /** From now on, the longest time that a partition goes without an acknowledgement counts. */
        void resetPause() {
            longestPauseNanos.set(0);
        }

        long longestPauseMs() {
            return Duration.ofNanos(longestPauseNanos.get()).toMillis();
        }

        void awaitAcknowledged(int count) {
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (acknowledged.get() < count) {
                assertThat(System.nanoTime())
                        .as("%d of %d acknowledged", acknowledged.get(), count)
                        .isLessThan(deadline);
                LockSupport.parkNanos(5_000_000);
            }
        }

        void finish() throws InterruptedException {
            finished.set(true);
            thread.join();
            producer.flush();
        }

        void assertCompleteAndInOrder() {
            assertThat(failed).isEmpty();
            assertThat(acknowledged.get()).isEqualTo(sent.get());
            Map<Integer, List<Long>> received = new HashMap<>();
            List<TopicPartition> partitions = new ArrayList<>();
            for (int i = 0; i < PARTITIONS; i++) {
                partitions.add(new TopicPartition(TOPIC, i));
                received.put(i, new ArrayList<>());
            }
            try (KafkaConsumer<Long, Long> consumer = new KafkaConsumer<>(
                    Map.of("bootstrap.servers", cluster.bootstrapServers(), "auto.offset.reset", "earliest"),
                    new LongDeserializer(),
                    new LongDeserializer())) {
                consumer.assign(partitions);
                int count = 0;
                long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                while (count < sent.get() && System.nanoTime() < deadline) {
                    for (var each : consumer.poll(Duration.ofMillis(200))) {
                        received.computeIfAbsent(each.partition(), index -> new ArrayList<>())
                                .add(each.value());
                        count++;
                    }
                }
                consumer.poll(Duration.ofMillis(200))
                        .forEach(extra -> received.computeIfAbsent(extra.partition(), index -> new ArrayList<>())
                                .add(extra.value()));
            }
            received.forEach((partition, values) -> {
                for (int i = 0; i < values.size(); i++) {
                    assertThat(values.get(i))
                            .as("record %d of partition %d", i, partition)
                            .isEqualTo(i);
                }
            });
            assertThat(received.values().stream().mapToInt(List::size).sum()).isEqualTo(sent.get());
        }

        @Override
        public void close() {
            finished.set(true);
            producer.close(Duration.ofSeconds(5));
        }
    }
}
