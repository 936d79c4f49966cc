package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes under load: an idempotent producer and a consumer group go on while ingest nodes are killed. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class KilledIngestNodeTest {
    private static final String TOPIC = "load";
    private static final int PARTITIONS = 4;
    private static final int RECORDS_BETWEEN = 4_000;

    @TempDir
    Path dir;

    private ProcessCluster cluster;
    private Load load;
    private Group group;

    @BeforeEach
    void start() throws Exception {
        cluster = new ProcessCluster(
                dir,
                new ClusterSettings(
                        3,
                        2,
                        new FreePorts(24_100, List.of()).take(),
                        dir.resolve("bucket").toUri().toString(),
                        Map.of(),
                        Map.of()));
        cluster.start();
        try (Admin admin = Admin.create(bootstrap())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(PARTITIONS), Optional.empty())))
                    .all()
                    .get();
        }
        load = new Load();
        group = new Group();
    }

    @AfterEach
    void stop() throws Exception {
        load.stop();
        group.stop();
        cluster.stop();
    }

    @Test
    void eachAcknowledgedRecordIsReadOnceAndInOrder() throws Exception {
        load.awaitAcknowledged(RECORDS_BETWEEN);
        for (String node : List.of("ingest-1", "ingest-2")) {
            cluster.kill(node);
            cluster.awaitWritable(1);
            load.awaitAcknowledged(load.acknowledged.get() + RECORDS_BETWEEN);
            cluster.start(node);
            cluster.awaitWritable();
            load.awaitAcknowledged(load.acknowledged.get() + RECORDS_BETWEEN);
        }
        long sent = load.stop();

        assertThat(load.failures).isEmpty();
        assertThat(load.acknowledged).hasValue(sent * PARTITIONS);
        group.awaitRecords(sent * PARTITIONS);
        group.stop();
        assertThat(group.failures).isEmpty();
        for (List<Long> read : group.read) {
            assertThat(read)
                    .containsExactlyElementsOf(LongStream.range(0, sent).boxed().toList());
        }
    }

    private Map<String, Object> bootstrap() {
        return Map.of("bootstrap.servers", cluster.settings().bootstrap());
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(1); // between two looks or two records; the test's own time-out ends it
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Sends the numbers from 0 on to each partition until it is told to stop. */
    private final class Load {
        final AtomicLong acknowledged = new AtomicLong();
        final Collection<Exception> failures = new ConcurrentLinkedQueue<>();
        private final AtomicLong sent = new AtomicLong();
        private final Thread thread = new Thread(this::run, "load");
        private volatile boolean stopping;

        Load() {
            thread.start();
        }

        /** How many numbers each partition was sent; all are acknowledged or have failed by then. */
        long stop() throws InterruptedException {
            stopping = true;
            thread.join();
            return sent.get();
        }

        void awaitAcknowledged(long records) {
            while (acknowledged.get() < records) {
                assertThat(failures).isEmpty();
                pause();
            }
        }

        private void run() {
            Map<String, Object> config = Map.of(
                    "bootstrap.servers", cluster.settings().bootstrap(), "acks", "all", "enable.idempotence", true);
            try (KafkaProducer<byte[], byte[]> producer =
                    new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
                while (!stopping) {
                    long number = sent.getAndIncrement();
                    for (int partition = 0; partition < PARTITIONS; partition++) {
                        byte[] value = ByteBuffer.allocate(100).putLong(number).array();
                        producer.send(new ProducerRecord<>(TOPIC, partition, null, value), (metadata, error) -> {
                            if (error == null) {
                                acknowledged.incrementAndGet();
                            } else {
                                failures.add(error);
                            }
                        });
                    }
                    pause();
                }
                producer.flush();
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
    }

    /** The only member of a group. It goes on at its own positions, so that nothing comes twice through it. */
    private final class Group implements ConsumerRebalanceListener {
        final List<List<Long>> read = new ArrayList<>();
        final Collection<Exception> failures = new ConcurrentLinkedQueue<>();
        private final long[] positions = new long[PARTITIONS];
        private final AtomicLong records = new AtomicLong();
        private final KafkaConsumer<byte[], byte[]> consumer;
        private final Thread thread = new Thread(this::run, "group");
        private volatile boolean stopping;

        Group() {
            for (int partition = 0; partition < PARTITIONS; partition++) {
                read.add(new ArrayList<>());
            }
            consumer = new KafkaConsumer<>(
                    Map.of(
                            "bootstrap.servers", cluster.settings().bootstrap(),
                            "group.id", "readers",
                            "auto.offset.reset", "earliest"),
                    new ByteArrayDeserializer(),
                    new ByteArrayDeserializer());
            thread.start();
        }

        void awaitRecords(long count) {
            while (records.get() < count) {
                assertThat(failures).isEmpty();
                pause();
            }
        }

        void stop() throws InterruptedException {
            stopping = true;
            thread.join();
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            partitions.forEach(partition -> consumer.seek(partition, positions[partition.partition()]));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {}

        private void run() {
            try (consumer) {
                consumer.subscribe(List.of(TOPIC), this);
                while (!stopping) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                        read.get(record.partition())
                                .add(ByteBuffer.wrap(record.value()).getLong());
                        positions[record.partition()] = record.offset() + 1;
                        records.incrementAndGet();
                    }
                }
            } catch (RuntimeException e) {
                failures.add(e);
            }
        }
    }
}
