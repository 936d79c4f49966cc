package io.siltstone.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.testkit.cluster.InProcessCluster;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Groups while their coordinators come and go. */
class GroupFailoverTest {

    private static final TopicPartition PARTITION = new TopicPartition("flights", 0);
    private static final String GROUP = "readers";

    private InProcessCluster cluster;
    private Admin admin;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        cluster = InProcessCluster.start(
                folder, 3, 2, Map.of("offsets.topic.num.partitions", "4", "group.initial.rebalance.delay.ms", "0"));
        admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()));
        admin.createTopics(Set.of(new NewTopic("flights", 1, (short) -1))).all().get();
    }

    @AfterEach
    void stop() {
        admin.close();
        cluster.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void aMemberReadsOnWhenItsCoordinatorIsHandedOver(String protocol) throws Exception {
        try (KafkaConsumer<String, String> consumer = consumer(protocol)) {
            consumer.subscribe(List.of("flights"));
            produce(0, 50);
            assertThat(read(consumer, 50)).hasSize(50);
            consumer.commitSync();
            int coordinator = coordinator();

            cluster.stopIngestNode(coordinator);
            produce(50, 80);

            assertThat(read(consumer, 30)).doesNotContain("value49").contains("value50", "value79");
            consumer.commitSync();
            assertThat(coordinator()).isNotEqualTo(coordinator);
            assertThat(committed()).isEqualTo(80);
        }
    }

    @Test
    void noGroupWaitsForTheOffsetsTopicToBeCreated() throws Exception {
        assertThat(admin.describeTopics(Set.of("__consumer_offsets"))
                        .allTopicNames()
                        .get())
                .hasEntrySatisfying(
                        "__consumer_offsets",
                        topic -> assertThat(topic.partitions()).hasSize(4));
    }

    @Test
    void committedOffsetsOutliveEveryIngestNode() throws Exception {
        admin.alterConsumerGroupOffsets(GROUP, Map.of(PARTITION, new OffsetAndMetadata(7)))
                .all()
                .get();

        cluster.stopIngestNode(1);
        assertThat(committed()).isEqualTo(7);
        cluster.startIngestNode(3);
        cluster.stopIngestNode(2);

        try (Admin newcomer = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            assertThat(newcomer.listConsumerGroupOffsets(GROUP)
                            .partitionsToOffsetAndMetadata()
                            .get())
                    .containsEntry(PARTITION, new OffsetAndMetadata(7));
        }
    }

    @Test
    void clientsCannotWriteTheOffsetsTopic() throws Exception {
        admin.alterConsumerGroupOffsets(GROUP, Map.of(PARTITION, new OffsetAndMetadata(7)))
                .all()
                .get();

        try (KafkaProducer<String, String> producer = producer()) {
            assertThatThrownBy(() -> producer.send(new ProducerRecord<>("__consumer_offsets", 0, "key", "value"))
                            .get())
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(InvalidTopicException.class);
        }
    }

    private int coordinator() throws Exception {
        return admin.describeConsumerGroups(Set.of(GROUP))
                .describedGroups()
                .values()
                .iterator()
                .next()
                .get()
                .coordinator()
                .id();
    }

    private long committed() throws Exception {
        return admin.listConsumerGroupOffsets(GROUP)
                .partitionsToOffsetAndMetadata()
                .get()
                .values()
                .iterator()
                .next()
                .offset();
    }

    private KafkaProducer<String, String> producer() {
        return new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer());
    }

    private void produce(int from, int to) throws Exception {
        try (KafkaProducer<String, String> producer = producer()) {
            for (int i = from; i < to - 1; i++) {
                producer.send(new ProducerRecord<>("flights", "key", "value" + i));
            }
            producer.send(new ProducerRecord<>("flights", "key", "value" + (to - 1)))
                    .get();
        }
    }

    private KafkaConsumer<String, String> consumer(String protocol) {
        return new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        cluster.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        GROUP,
                        ConsumerConfig.GROUP_PROTOCOL_CONFIG,
                        protocol,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest",
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false),
                new StringDeserializer(),
                new StringDeserializer());
    }

    private static Set<String> read(KafkaConsumer<String, String> consumer, int count) {
        Set<String> seen = new HashSet<>();
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (seen.size() < count && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
        }
        return seen;
    }
}
