package io.siltstone.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.partition.Partition;
import io.siltstone.log.chain.PartitionState;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class HistoryReadTest {

    private static final TopicPartition PARTITION = new TopicPartition("long-ago", 0);
    private static final int RECORDS = 20_000;

    @Test
    void oneConsumerReadsBucketDisksAndTailWithoutGapOrRepetition(@TempDir Path folder) throws Exception {
        Map<String, String> settings = Map.of(
                "bucket", folder.resolve("bucket").toUri().toString(),
                "log.segment.bytes", String.valueOf(1 << 20),
                "tail.cache.bytes", String.valueOf(1 << 20));
        try (InProcessCluster cluster = InProcessCluster.start(folder, 3, 1, settings)) {
            Map<String, Object> bootstrap = Map.of("bootstrap.servers", cluster.bootstrapServers());
            try (Admin admin = Admin.create(bootstrap)) {
                admin.createTopics(List.of(new NewTopic(PARTITION.topic(), 1, (short) 3)))
                        .all()
                        .get();
                produce(bootstrap);
                Partition partition = awaitTiered(cluster);

                assertThat(partition.state().manifest()).isNotNull();
                awaitWarmUp(cluster);
                consumeAll(bootstrap);
                assertThat(admin.listOffsets(Map.of(PARTITION, OffsetSpec.forTimestamp(1_000L + RECORDS / 4)))
                                .partitionResult(PARTITION)
                                .get()
                                .offset())
                        .isEqualTo(RECORDS / 4);
                assertThat(admin.listOffsets(Map.of(PARTITION, OffsetSpec.maxTimestamp()))
                                .partitionResult(PARTITION)
                                .get()
                                .offset())
                        .isEqualTo(RECORDS - 1);
            }
        }
    }

    private static void produce(Map<String, Object> bootstrap) throws Exception {
        Random random = new Random(1);
        try (KafkaProducer<Long, byte[]> producer =
                new KafkaProducer<>(bootstrap, new LongSerializer(), new ByteArraySerializer())) {
            Future<RecordMetadata> last = null;
            for (long i = 0; i < RECORDS; i++) {
                byte[] value = new byte[500];
                random.nextBytes(value);
                last = producer.send(new ProducerRecord<>(PARTITION.topic(), 0, 1_000 + i, i, value));
            }
            producer.flush();
            assertThat(Optional.ofNullable(last).orElseThrow().get().offset()).isEqualTo(RECORDS - 1);
        }
    }

    /** Waits until the first segments are in the bucket alone, while the last ones are not there yet. */
    private static Partition awaitTiered(InProcessCluster cluster) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            for (Partition partition : cluster.ingestNode(1).partitions().all()) {
                if (partition.isOpen() && partition.name().equals(PARTITION)) {
                    PartitionState state = partition.state();
                    if (state.manifest() != null && state.trimBelow() > 2) {
                        return partition;
                    }
                }
            }
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(20_000_000);
        }
    }

    /** Waits until the node has read the bucket through its own listener: no client has asked for anything yet. */
    private static void awaitWarmUp(InProcessCluster cluster) throws Exception {
        URI metrics = URI.create("http://127.0.0.1:" + cluster.ingestNode(1).httpPort() + "/metrics");
        Pattern bucketReads = Pattern.compile("siltstone_ingest_reads_total\\{source=\"bucket\"\\} [1-9]");
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            HttpResponse<String> answer = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(metrics).build(), HttpResponse.BodyHandlers.ofString());
            if (bucketReads.matcher(answer.body()).find()) {
                return;
            }
            assertThat(System.nanoTime()).as(answer.body()).isLessThan(deadline);
            LockSupport.parkNanos(100_000_000);
        }
    }

    private static void consumeAll(Map<String, Object> bootstrap) {
        try (KafkaConsumer<Long, byte[]> consumer =
                new KafkaConsumer<>(bootstrap, new LongDeserializer(), new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seek(PARTITION, 0);
            long next = 0;
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (next < RECORDS && System.nanoTime() < deadline) {
                for (ConsumerRecord<Long, byte[]> each : consumer.poll(Duration.ofMillis(200))) {
                    assertThat(each.offset()).isEqualTo(next);
                    assertThat(each.key()).isEqualTo(next);
                    next++;
                }
            }
            assertThat(next).isEqualTo(RECORDS);
        }
    }
}
