package io.siltstone.testkit.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.ingest.partition.AppendCallback;
import io.siltstone.ingest.partition.Partition;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.serialization.LongDeserializer;
import org.apache.kafka.common.serialization.LongSerializer;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rule 13: a bucket that is away until the partition's znode has no place for more segments costs nobody a record. */
@Timeout(180)
class SegmentListFullTest {

    private static final TopicPartition PARTITION = new TopicPartition("many-segments", 0);
    private static final int LONGEST_THROTTLE_MS = 5_000;
    private static final int WAITING_RECORDS = 100;

    @Test
    void producersWaitWhileTheListIsFullAndGoOnWhenTheBucketIsBack(@TempDir Path folder) throws Exception {
        RemovableBucket bucket = new RemovableBucket(folder.resolve("bucket"));
        Map<String, String> settings = Map.of("bucket", bucket.url(), "port", String.valueOf(freePort()));
        try (InProcessCluster cluster = InProcessCluster.start(folder, 3, 1, settings)) {
            createTopic(cluster);
            bucket.takeAway();
            long filled = fillList(cluster);

            // Who does not wait long is told to come again.
            assertThatThrownBy(() -> sendOnce(cluster, -1)).hasCauseInstanceOf(RetriableException.class);
            try (KafkaProducer<Long, Long> producer = producer(cluster, Map.of())) {
                List<Future<RecordMetadata>> waiting = send(producer, filled, WAITING_RECORDS);
                // A new owner needs a place in the list, too.
                cluster.stopIngestNode(1);
                bucket.giveBack();
                cluster.startIngestNode(1);
                for (Future<RecordMetadata> each : waiting) {
                    each.get(60, TimeUnit.SECONDS);
                }
            }

            await("the list has room again", () -> ask(cluster, Partition::throttleMs) == 0);
            assertThat(consume(cluster, filled + WAITING_RECORDS))
                    .containsExactlyElementsOf(LongStream.range(0, filled + WAITING_RECORDS)
                            .boxed()
                            .toList());
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

    /**
     * Closes a segment after each record until nothing more is taken; past the throttling that a client would keep to.
     *
     * @return how many records that took
     */
    private static long fillList(InProcessCluster cluster) throws Exception {
        await("the partition is open", () -> ask(cluster, Partition::isOpen));
        long records = 0;
        while (ask(cluster, Partition::throttleMs) < LONGEST_THROTTLE_MS) {
            append(cluster, records++);
            int listed = ask(cluster, each -> each.state().segments().size());
            ask(cluster, each -> {
                each.seal();
                return true;
            });
            await(
                    "it is sealed",
                    () -> ask(cluster, each -> each.state().segments().size()) > listed);
        }
        return records;
    }

    private static void append(InProcessCluster cluster, long number) throws Exception {
        MemoryRecords records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(number, bytes(number), bytes(number)));
        ByteBuf bytes = Unpooled.wrappedBuffer(records.buffer().duplicate());
        CompletableFuture<Long> done = new CompletableFuture<>();
        ask(cluster, partition -> {
            partition.append(
                    records, bytes, bytes.readableBytes(), AppendOrigin.CLIENT, Long.MAX_VALUE, new AppendCallback() {
                        @Override
                        public void appended(long baseOffset, long logAppendTimeMs, long logStartOffset) {
                            done.complete(baseOffset);
                        }

                        @Override
                        public void failed(RuntimeException why) {
                            done.completeExceptionally(why);
                        }
                    });
            return true;
        });
        assertThat(done.get(20, TimeUnit.SECONDS)).isEqualTo(number);
    }

    private static byte[] bytes(long number) {
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    private static KafkaProducer<Long, Long> producer(InProcessCluster cluster, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("bootstrap.servers", cluster.bootstrapServers());
        return new KafkaProducer<>(all, new LongSerializer(), new LongSerializer());
    }

    private static void sendOnce(InProcessCluster cluster, long number) throws Exception {
        try (KafkaProducer<Long, Long> producer =
                producer(cluster, Map.of("request.timeout.ms", 1_000, "delivery.timeout.ms", 2_000, "linger.ms", 0))) {
            send(producer, number, 1).get(0).get();
        }
    }

    private static List<Future<RecordMetadata>> send(KafkaProducer<Long, Long> producer, long first, int count) {
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (long number = first; number < first + count; number++) {
            sent.add(producer.send(new ProducerRecord<>(PARTITION.topic(), 0, number, number)));
        }
        return sent;
    }

    private static List<Long> consume(InProcessCluster cluster, long count) {
        try (KafkaConsumer<Long, Long> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new LongDeserializer(),
                new LongDeserializer())) {
            consumer.assign(List.of(PARTITION));
            consumer.seek(PARTITION, 0);
            List<Long> read = new ArrayList<>();
            long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
            while (read.size() < count && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(each -> read.add(each.value()));
            }
            return read;
        }
    }

    private interface Question<T> {
        T of(Partition partition);
    }

    private static <T> T ask(InProcessCluster cluster, Question<T> question) throws Exception {
        Partition partition = cluster.ingestNode(1).partitions().all().stream()
                .filter(each -> each.name().equals(PARTITION))
                .findFirst()
                .orElseThrow();
        return partition.loop().eventLoop().submit(() -> question.of(partition)).get(20, TimeUnit.SECONDS);
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime()).as(what).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }
}
