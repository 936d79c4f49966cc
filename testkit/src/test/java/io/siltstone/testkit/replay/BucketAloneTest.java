package io.siltstone.testkit.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.client.Replay;
import io.siltstone.client.Verify;
import io.siltstone.client.VerifyReport;
import io.siltstone.client.source.BucketSource;
import io.siltstone.client.source.DirectoryBucket;
import io.siltstone.ingest.group.OffsetsTopic;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.testkit.cluster.InProcessCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the bucket holds of a cluster's topics, and that it suffices with the cluster off. */
@Timeout(180)
class BucketAloneTest {

    private static final String TOPIC = "flights";
    private static final int PARTITIONS = 4;
    private static final int RECORDS = 2_000;

    @TempDir
    Path folder;

    @Test
    void aBucketIsReplayedAndVerifiedWithTheClusterOff() throws Exception {
        try (InProcessCluster cluster = start(Map.of())) {
            createTopic(cluster, Map.of());
            produce(cluster);
            tierAll(cluster);
        }

        try (BucketSource source = new BucketSource(new DirectoryBucket(bucket()))) {
            List<String> values = new ArrayList<>();
            try (Replay replay = Replay.from(source).topics(TOPIC).start()) {
                for (ConsumerRecord<byte[], byte[]> record = replay.poll(Duration.ofSeconds(20));
                        record != null;
                        record = replay.poll(Duration.ofSeconds(20))) {
                    values.add(new String(record.value(), StandardCharsets.UTF_8));
                }
            }
            assertThat(values)
                    .containsExactlyInAnyOrderElementsOf(IntStream.range(0, RECORDS)
                            .mapToObj(String::valueOf)
                            .toList());
            VerifyReport report = new Verify(source, progress -> {}).topic(TOPIC);
            assertThat(report.partitions()).isEqualTo(PARTITIONS);
            assertThat(report.offsets()).isEqualTo(RECORDS);
        }
    }

    @Test
    void aChangeOfConfigsIsDescribedToo() throws Exception {
        try (InProcessCluster cluster = start(Map.of());
                Admin admin = admin(cluster)) {
            createTopic(cluster, Map.of());
            await(() -> descriptions(cluster) == 1);
            admin.incrementalAlterConfigs(Map.of(
                            new ConfigResource(ConfigResource.Type.TOPIC, TOPIC),
                            List.of(new AlterConfigOp(
                                    new ConfigEntry("retention.ms", "123456789"), AlterConfigOp.OpType.SET))))
                    .all()
                    .get();

            await(() -> descriptions(cluster) == 2);
        }
    }

    @Test
    void retentionMovesTheLogStart() throws Exception {
        try (InProcessCluster cluster = start(Map.of("log.retention.check.interval.ms", "200"))) {
            createTopic(cluster, Map.of("retention.ms", "1000"));
            produce(cluster);
            tierAll(cluster);

            await(() -> open(cluster).stream()
                    .allMatch(partition -> partition.state().logStart() == RECORDS / PARTITIONS));
        }
    }

    @Test
    void aDeletedTopicLeavesTheBucketAfterTheGraceAndTheDisks() throws Exception {
        try (InProcessCluster cluster = start(Map.of("link.life.ms", "1000", "collection.grace.ms", "2000"));
                Admin admin = admin(cluster)) {
            createTopic(cluster, Map.of());
            produce(cluster);
            tierAll(cluster);
            admin.deleteTopics(List.of(TOPIC)).all().get();

            await(() -> objects(cluster).isEmpty());
            assertThat(open(cluster)).isEmpty();
            await(() -> cluster.ingestNode(1)
                    .metadata()
                    .view()
                    .image()
                    .deletedTopics()
                    .isEmpty());
        }
    }

    private InProcessCluster start(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("bucket", bucket().toUri().toString());
        return InProcessCluster.start(folder, 3, 2, all);
    }

    private Path bucket() {
        return folder.resolve("bucket");
    }

    private static Admin admin(InProcessCluster cluster) {
        return Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()));
    }

    private static void createTopic(InProcessCluster cluster, Map<String, String> configs) throws Exception {
        try (Admin admin = admin(cluster)) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS, (short) -1).configs(configs)))
                    .all()
                    .get();
        }
    }

    private static void produce(InProcessCluster cluster) {
        Map<String, Object> config = Map.of("bootstrap.servers", cluster.bootstrapServers());
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                var unused = producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, "key", String.valueOf(i)));
            }
            producer.flush();
        }
    }

    /** Closes the open segments, and waits until everything is in the bucket. */
    private static void tierAll(InProcessCluster cluster) {
        List<Partition> partitions = open(cluster);
        assertThat(partitions).hasSize(PARTITIONS);
        partitions.forEach(partition -> partition.loop().eventLoop().execute(partition::seal));
        await(() -> partitions.stream()
                .allMatch(partition -> partition.state().manifest() != null
                        && partition.state().manifest().endOffset() == RECORDS / PARTITIONS));
    }

    private static List<Partition> open(InProcessCluster cluster) {
        return Stream.of(1, 2)
                .flatMap(node -> cluster.ingestNode(node).partitions().all().stream())
                .filter(partition ->
                        partition.isOpen() && partition.name().topic().equals(TOPIC))
                .toList();
    }

    private long descriptions(InProcessCluster cluster) {
        return objects(cluster).stream()
                .filter(object -> object.contains("/topic/"))
                .count();
    }

    /** Keys of everything in the bucket but the proofs of nodes that start and the topic of groups' offsets. */
    private Set<String> objects(InProcessCluster cluster) {
        String offsets = cluster.ingestNode(1)
                .metadata()
                .view()
                .image()
                .topic(OffsetsTopic.NAME)
                .map(topic -> topic.id().toString())
                .orElse("not created yet");
        try (Stream<Path> files = Files.walk(bucket())) {
            return files.filter(Files::isRegularFile)
                    .map(file -> bucket().relativize(file).toString())
                    .filter(key -> !key.contains("/proof/") && !key.contains(offsets))
                    .collect(Collectors.toSet());
        } catch (IOException | UncheckedIOException movedMeanwhile) {
            return Set.of("unknown");
        }
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(90).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime())
                    .as("a condition did not come true in time")
                    .isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }
}
