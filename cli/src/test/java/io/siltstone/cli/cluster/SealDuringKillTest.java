package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.cli.CommandRun;
import io.siltstone.cli.topics.IngestHttp;
import io.siltstone.cli.topics.Sealing;
import io.siltstone.cli.topics.SegmentLine;
import io.siltstone.cli.topics.TopicSegments;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: the owner of some partitions is killed while their topic is sealed and waited for. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SealDuringKillTest {
    private static final String TOPIC = "sealed";
    private static final int PARTITIONS = 4;
    private static final int RECORDS = 500;
    private static final String KILLED = "ingest-1";

    @TempDir
    Path dir;

    private Path bucket;
    private ProcessCluster cluster;

    @BeforeEach
    void start() throws Exception {
        bucket = dir.resolve("bucket");
        cluster = new ProcessCluster(
                dir,
                new ClusterSettings(
                        3,
                        2,
                        new FreePorts(24_300, List.of()).take(),
                        bucket.toUri().toString(),
                        Map.of(),
                        Map.of()));
        cluster.start();
    }

    @AfterEach
    void stop() throws Exception {
        cluster.stop();
    }

    @Test
    void everythingIsInTheBucketAndTrimmedWhenItReturns() throws Exception {
        try (Admin admin = Admin.create(bootstrap())) {
            // given
            admin.createTopics(List.of(new NewTopic(TOPIC, Optional.of(PARTITIONS), Optional.empty())))
                    .all()
                    .get();
            produce();
            Fault fault = new Fault();
            fault.takeBucketAway();

            // when
            Sealing sealing = new Sealing(new IngestHttp(admin), TOPIC, Duration.ofMinutes(2));
            sealing.seal();
            sealing.await(fault::strikeOnce);

            // then
            assertThat(fault.struck).isTrue();
            assertThat(fault.tieredBefore).isZero();
            assertTiered(new IngestHttp(admin).segments(TOPIC));
            CommandRun verified =
                    CommandRun.of("verify", TOPIC, "--bucket", bucket.toUri().toString());
            assertThat(verified.exit()).as(verified.err()).isZero();
        }
    }

    private static void assertTiered(TopicSegments found) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int number = partition;
            List<SegmentLine> lines = found.lines().stream()
                    .filter(line -> line.partition() == number)
                    .toList();
            List<SegmentLine> tiered =
                    lines.stream().filter(line -> !line.open()).toList();
            assertThat(tiered).isNotEmpty().allSatisfy(line -> {
                assertThat(line.state()).isEqualTo("tiered");
                assertThat(line.hotBytes()).isZero();
            });
            assertThat(tiered.get(tiered.size() - 1).endOffset()).isEqualTo(RECORDS);
            assertThat(lines.stream().filter(SegmentLine::open))
                    .allSatisfy(line -> assertThat(line.baseOffset())
                            .isEqualTo(line.endOffset())
                            .isEqualTo(RECORDS));
        }
    }

    private void produce() throws Exception {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(bootstrap(), new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < RECORDS * PARTITIONS; i++) {
                sent.add(producer.send(new ProducerRecord<>(TOPIC, i % PARTITIONS, null, new byte[100])));
            }
            for (Future<RecordMetadata> each : sent) {
                each.get();
            }
        }
    }

    private Map<String, Object> bootstrap() {
        return Map.of("bootstrap.servers", cluster.settings().bootstrap());
    }

    /** Kills an owner while the bucket is away, so that everything is still to be done, and gives the bucket back. */
    private final class Fault {
        private boolean struck;
        private long tieredBefore;

        /** Every call of the store fails from now on: where its folder was there is a file. */
        void takeBucketAway() throws IOException {
            Files.move(bucket, bucket.resolveSibling("away"));
            Files.createFile(bucket);
        }

        void strikeOnce(TopicSegments seen) {
            if (struck) {
                return;
            }
            struck = true;
            tieredBefore = seen.lines().stream()
                    .filter(line -> line.state().equals("tiered"))
                    .count();
            try {
                cluster.kill(KILLED);
                Files.delete(bucket);
                Files.move(bucket.resolveSibling("away"), bucket);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        }
    }
}
