package io.siltstone.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.partition.Partition;
import io.siltstone.metadata.StorageDiskImage;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rule 13: a growing backlog slows producers, it never loses data. */
@Timeout(240)
class BucketAwayTest {

    private static final TopicPartition PARTITION = new TopicPartition("backlog", 0);
    private static final int RECORD_BYTES = 10_000;
    private static final long DISK_BYTES = 48L << 20;

    @Test
    void producersAreSlowedWhileTheBucketIsAwayAndNothingIsLost(@TempDir Path folder) throws Exception {
        RemovableBucket bucket = new RemovableBucket(folder.resolve("bucket"));
        Map<String, String> ingest = Map.of(
                "bucket", bucket.url(),
                "port", String.valueOf(freePort()),
                "log.segment.bytes", String.valueOf(1 << 20),
                "tail.cache.bytes", String.valueOf(1 << 20));
        Map<String, String> storage = Map.of(
                "journal.file.bytes", String.valueOf(1 << 20),
                "disk.limit.bytes", String.valueOf(DISK_BYTES),
                "trim.interval.ms", "200");
        try (InProcessCluster cluster = InProcessCluster.start(folder, 3, 1, ingest, storage)) {
            createTopic(cluster);
            try (Load load = new Load(cluster)) {
                load.await("the first records are in the bucket", () -> manifestEnd(cluster) > 0);

                bucket.takeAway();
                // Small disks may be full before the producer hears how long it is to wait: then it hears nothing.
                load.await(
                        "the producer was told to wait for seconds, or waits for room",
                        () -> load.throttledMs() > 2_000 || (load.silentMs() > 5_000 && isFull(cluster)));
                // A new owner finds the disks full: it must be able to begin, or they are never emptied.
                cluster.stopIngestNode(1);
                long acknowledged = load.acknowledged();
                bucket.giveBack();
                cluster.startIngestNode(1);

                // More than a disk holds, so it went on for good.
                long enough = acknowledged + DISK_BYTES / RECORD_BYTES;
                load.await("producing goes on", () -> load.acknowledged() >= enough);
                load.finish();
                assertThat(load.failures()).isEmpty();
                consumeAll(cluster, load.acknowledged());
                awaitTiered(cluster, load.acknowledged());
            }
        }
    }

    /** The node keeps its address over its restart, and its clients with it. */
    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static void createTopic(InProcessCluster cluster) throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", cluster.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(PARTITION.topic(), 1, (short) 3)))
                    .all()
                    .get();
        }
    }

    private static Partition partition(InProcessCluster cluster) {
        return cluster.ingestNode(1).partitions().all().stream()
                .filter(each -> each.name().equals(PARTITION))
                .findFirst()
                .orElseThrow();
    }

    private static long manifestEnd(InProcessCluster cluster) {
        return cluster.ingestNode(1).metadata().view().image().partitions().values().stream()
                .map(seen -> seen.state().manifest())
                .mapToLong(manifest -> manifest == null ? 0 : manifest.endOffset())
                .max()
                .orElse(0);
    }

    /** Less than an acknowledgement quorum has room for producers; what is left to coordinators does not count. */
    private static boolean isFull(InProcessCluster cluster) {
        return cluster.ingestNode(1).metadata().view().image().storageDisks().values().stream()
                        .map(StorageDiskImage::room)
                        .filter(room -> room.freeBytes() > room.capacityBytes() / 20)
                        .count()
                < 2;
    }

    private static void awaitTiered(InProcessCluster cluster, long end) throws Exception {
        Partition partition = partition(cluster);
        partition.loop().eventLoop().submit(partition::seal).get();
        partition
                .loop()
                .eventLoop()
                .submit(() -> partition.whenTiered(end))
                .get()
                .get(60, TimeUnit.SECONDS);
        assertThat(partition.highWatermark()).isEqualTo(end);
    }

    private static void consumeAll(InProcessCluster cluster, long records) {
        try (KafkaConsumer<Long, byte[]> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new LongDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seek(PARTITION, 0);
            long next = 0;
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (next < records && System.nanoTime() < deadline) {
                for (ConsumerRecord<Long, byte[]> each : consumer.poll(Duration.ofMillis(200))) {
                    assertThat(each.offset()).isEqualTo(next);
                    assertThat(each.key()).isEqualTo(next);
                    next++;
                }
            }
            assertThat(next).isEqualTo(records);
        }
    }

    /** One idempotent producer that sends as fast as it is let. */
    private static final class Load implements AutoCloseable {

        private final InProcessCluster cluster;
        private final KafkaProducer<Long, byte[]> producer;
        private final Thread thread = new Thread(this::run, "load");
        private final AtomicBoolean finished = new AtomicBoolean();
        private final AtomicLong acknowledged = new AtomicLong();
        private volatile long lastAcknowledgedNanos = System.nanoTime();
        private final ConcurrentLinkedQueue<Exception> failures = new ConcurrentLinkedQueue<>();

        Load(InProcessCluster cluster) {
            this.cluster = cluster;
            producer = new KafkaProducer<>(
                    Map.of(
                            "bootstrap.servers",
                            cluster.bootstrapServers(),
                            "buffer.memory",
                            String.valueOf(2 << 20),
                            "batch.size",
                            "100000",
                            "max.block.ms",
                            "200000"),
                    new LongSerializer(),
                    new ByteArraySerializer());
            thread.start();
        }

        private void run() {
            byte[] value = new byte[RECORD_BYTES];
            new Random(1).nextBytes(value);
            for (long next = 0; !finished.get(); next++) {
                var unused =
                        producer.send(new ProducerRecord<>(PARTITION.topic(), 0, next, value), (metadata, failure) -> {
                            if (failure == null) {
                                acknowledged.incrementAndGet();
                                lastAcknowledgedNanos = System.nanoTime();
                            } else {
                                failures.add(failure);
                            }
                        });
            }
        }

        long acknowledged() {
            return acknowledged.get();
        }

        /** How long ago the last record was acknowledged. */
        long silentMs() {
            return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastAcknowledgedNanos);
        }

        List<Exception> failures() {
            return List.copyOf(failures);
        }

        /** The longest throttle time that an answer told within the last half minute or so. */
        double throttledMs() {
            return producer.metrics().values().stream()
                    .filter(metric -> metric.metricName().name().equals("produce-throttle-time-max"))
                    .mapToDouble(metric -> (Double) metric.metricValue())
                    .filter(Double::isFinite)
                    .max()
                    .orElse(0);
        }

        void await(String what, BooleanSupplier condition) {
            long deadline = System.nanoTime() + Duration.ofSeconds(100).toNanos();
            while (!condition.getAsBoolean()) {
                assertThat(failures()).isEmpty();
                assertThat(System.nanoTime())
                        .as(
                                "%s, after %d acknowledged records, throttled by %.0f ms, silent for %d ms; %s",
                                what,
                                acknowledged(),
                                throttledMs(),
                                silentMs(),
                                cluster.ingestNode(1).metadata().view().image())
                        .isLessThan(deadline);
                LockSupport.parkNanos(10_000_000);
            }
        }

        void finish() throws InterruptedException {
            finished.set(true);
            thread.join();
            producer.flush();
        }

        @Override
        public void close() {
            finished.set(true);
            producer.close(Duration.ZERO);
        }
    }
}
