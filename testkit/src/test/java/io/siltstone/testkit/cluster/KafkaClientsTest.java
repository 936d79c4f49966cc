package io.siltstone.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class KafkaClientsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private InProcessCluster cluster;

    @BeforeAll
    void start(@TempDir Path folder) {
        cluster = InProcessCluster.start(folder, 3, 2, Map.of("offsets.topic.num.partitions", "4"));
    }

    @AfterAll
    void stop() {
        cluster.close();
    }

    @Test
    void recordsComeBackInOrderAsTheyWereSent() throws Exception {
        create("orders", 3);
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                sent.add(producer.send(new ProducerRecord<>("orders", i % 3, "key-" + i, "value-" + i)));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }

        List<ConsumerRecord<String, String>> received = consume("orders", 3, 3_000);

        for (int partition = 0; partition < 3; partition++) {
            int index = partition;
            List<ConsumerRecord<String, String>> own =
                    received.stream().filter(each -> each.partition() == index).toList();
            assertThat(own).hasSize(1_000);
            for (int i = 0; i < own.size(); i++) {
                assertThat(own.get(i).offset()).isEqualTo(i);
                assertThat(own.get(i).value()).isEqualTo("value-" + (i * 3 + index));
            }
        }
    }

    @Test
    void unknownTopicIsCreatedWhereAProducerAsksForIt() throws Exception {
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            assertThat(producer.send(new ProducerRecord<>("made-up", "k", "v"))
                            .get()
                            .offset())
                    .isZero();
        }
    }

    @Test
    void groupContinuesWhereItCommitted() throws Exception {
        create("grouped", 2);
        send("grouped", 100);
        try (KafkaConsumer<String, String> first = consumer(Map.of("group.id", "g1"))) {
            first.subscribe(List.of("grouped"));
            assertThat(poll(first, 100)).hasSize(100);
            first.commitSync();
        }
        send("grouped", 10);

        try (KafkaConsumer<String, String> second = consumer(Map.of("group.id", "g1"))) {
            second.subscribe(List.of("grouped"));
            assertThat(poll(second, 10)).hasSize(10);
        }
    }

    @Test
    void newGroupProtocolConsumes() throws Exception {
        create("grouped-848", 2);
        send("grouped-848", 50);
        try (KafkaConsumer<String, String> consumer =
                consumer(Map.of("group.id", "g848", "group.protocol", "consumer"))) {
            consumer.subscribe(List.of("grouped-848"));
            assertThat(poll(consumer, 50)).hasSize(50);
        }
    }

    @Test
    void offsetsAreFoundByTimeAndAtBothEnds() throws Exception {
        create("timed", 1);
        TopicPartition partition = new TopicPartition("timed", 0);
        try (KafkaProducer<String, String> producer = producer(Map.of("linger.ms", "0"))) {
            for (int i = 0; i < 20; i++) {
                producer.send(new ProducerRecord<>("timed", 0, 1_000L + i * 10L, "k", "v" + i))
                        .get();
            }
            producer.send(new ProducerRecord<>("timed", 0, 500L, "k", "late")).get();
        }
        try (Admin admin = admin()) {
            assertThat(offset(admin, partition, OffsetSpec.earliest())).isZero();
            assertThat(offset(admin, partition, OffsetSpec.latest())).isEqualTo(21);
            assertThat(offset(admin, partition, OffsetSpec.forTimestamp(1_045))).isEqualTo(5);
            assertThat(offset(admin, partition, OffsetSpec.forTimestamp(5_000))).isEqualTo(-1);
            assertThat(offset(admin, partition, OffsetSpec.maxTimestamp())).isEqualTo(19);
            admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(7)))
                    .all()
                    .get();
            assertThat(offset(admin, partition, OffsetSpec.earliest())).isEqualTo(7);
        }
    }

    @Test
    void compressedAndUncompressedBatchesAreTaken() throws Exception {
        create("codecs", 1);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (String codec : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
            try (KafkaProducer<String, String> producer = producer(Map.of("compression.type", codec))) {
                for (int i = 0; i < 20; i++) {
                    sent.add(producer.send(new ProducerRecord<>("codecs", 0, codec, "value value value " + i)));
                }
            }
        }
        assertThat(consume("codecs", 1, sent.size())).hasSize(100);
    }

    @Test
    void withoutAcknowledgementsRecordsStillArrive() throws Exception {
        create("fire", 1);
        try (Admin admin = admin()) {
            // Answered once the owner has opened it: records that come before may be lost, and nobody is told.
            assertThat(offset(admin, new TopicPartition("fire", 0), OffsetSpec.latest()))
                    .isZero();
        }
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = producer(Map.of("acks", "0", "enable.idempotence", "false"))) {
            for (int i = 0; i < 100; i++) {
                sent.add(producer.send(new ProducerRecord<>("fire", 0, "k", "v" + i)));
            }
        }
        assertThat(sent).allMatch(Future::isDone);
        assertThat(consume("fire", 1, 100)).hasSize(100);
    }

    private void create(String topic, int partitions) throws Exception {
        try (Admin admin = admin()) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 3)))
                    .all()
                    .get();
        }
    }

    private void send(String topic, int count) throws ExecutionException, InterruptedException {
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                sent.add(producer.send(new ProducerRecord<>(topic, "key-" + i, "value-" + i)));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }
    }

    private static long offset(Admin admin, TopicPartition partition, OffsetSpec spec) throws Exception {
        return admin.listOffsets(Map.of(partition, spec))
                .partitionResult(partition)
                .get()
                .offset();
    }

    private List<ConsumerRecord<String, String>> consume(String topic, int partitions, int count) {
        try (KafkaConsumer<String, String> consumer = consumer(Map.of())) {
            List<TopicPartition> all = new ArrayList<>();
            for (int i = 0; i < partitions; i++) {
                all.add(new TopicPartition(topic, i));
            }
            consumer.assign(all);
            consumer.seekToBeginning(all);
            return poll(consumer, count);
        }
    }

    private static List<ConsumerRecord<String, String>> poll(KafkaConsumer<String, String> consumer, int count) {
        List<ConsumerRecord<String, String>> received = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (received.size() < count && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(200)).forEach(received::add);
        }
        return received;
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()));
    }

    private KafkaProducer<String, String> producer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", cluster.bootstrapServers());
        all.putIfAbsent("linger.ms", "5");
        all.put("delivery.timeout.ms", "60000");
        all.put("request.timeout.ms", "20000");
        return new KafkaProducer<>(all, new StringSerializer(), new StringSerializer());
    }

    private KafkaConsumer<String, String> consumer(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", cluster.bootstrapServers());
        all.put("auto.offset.reset", "earliest");
        return new KafkaConsumer<>(all, new StringDeserializer(), new StringDeserializer());
    }
}
