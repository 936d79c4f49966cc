package io.siltstone.ingest;

import io.netty.channel.EventLoop;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads some history through the node's own Kafka listener, once, as soon as it owns some. The way from the bucket
 * to a client runs seldom and then for gigabytes at once: without this, its first reader waits for the JVM to load,
 * link and compile all of it, and code that producers share with it is compiled a second time.
 *
 * <p>What fails, or reads too little of the bucket, is tried again after twice the time, {@value #MAX_ATTEMPTS} times in
 * all. Looks happen on the control event loop, the one attempt under way on a thread of its own; any thread may close.
 */
final class ReadWarmUp implements AutoCloseable {

    /** History that a node can read: offsets from the log start to the end of what is in the bucket. */
    record Tiered(TopicIdPartition partition, long fromOffset, long toOffset) {}

    private static final Logger LOG = LoggerFactory.getLogger(ReadWarmUp.class);

    static final int MAX_ATTEMPTS = 10;
    static final int MAX_FETCHES = 2_000;

    private static final long MAX_BYTES = 512 << 20;
    private static final int MAX_PARTITIONS = 4;
    private static final int PARTITION_BYTES = 128 << 10;
    /** Of the bucket: with fewer, what was asked lay in the tail cache or on disks, or there is not enough yet. */
    private static final int ENOUGH_READS = 100;

    private final InetSocketAddress listener;
    private final Supplier<List<Tiered>> tiered;
    private final LongSupplier bucketReads;
    private final EventLoop control;
    private long delayMs;
    private int attempts;
    private volatile @Nullable LoopbackFetch underWay;
    private volatile boolean over;

    /**
     * A warm-up that has not begun.
     *
     * @param listener where the node serves Kafka's protocol
     * @param tiered what the node could read now; asked on the event loop
     * @param bucketReads how many reads the bucket has served for partitions, so far
     * @param delayMs before the first look, and between those that find nothing
     */
    ReadWarmUp(
            InetSocketAddress listener,
            Supplier<List<Tiered>> tiered,
            LongSupplier bucketReads,
            EventLoop control,
            long delayMs) {
        this.listener = listener;
        this.tiered = tiered;
        this.bucketReads = bucketReads;
        this.control = control;
        this.delayMs = delayMs;
    }

    /** What of these partitions is in the bucket. */
    static List<Tiered> readable(ClusterImage image, Collection<Partition> owned) {
        List<Tiered> found = new ArrayList<>();
        for (Partition each : owned) {
            TopicIdPartition name =
                    new TopicIdPartition(TopicIds.toKafka(each.id().topic()), each.name());
            image.partition(each.id())
                    .flatMap(seen -> tiered(name, seen.state()))
                    .ifPresent(found::add);
        }
        return found;
    }

    /** What of a partition is in the bucket and may be read; empty where nothing is. */
    static Optional<Tiered> tiered(TopicIdPartition name, PartitionState state) {
        ManifestPointer manifest = state.manifest();
        return manifest == null || state.logStart() >= manifest.endOffset()
                ? Optional.empty()
                : Optional.of(new Tiered(name, state.logStart(), manifest.endOffset()));
    }

    /** Begins to look. */
    void start() {
        lookAgain();
    }

    /** Whether nothing more will be read. */
    boolean isOver() {
        return over;
    }

    @Override
    public void close() {
        over = true;
        LoopbackFetch current = underWay;
        if (current != null) {
            end(current);
        }
    }

    private void lookAgain() {
        try {
            var unused = control.schedule(this::look, delayMs, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            LOG.debug("The node stops before its reads are warm", stopping);
        }
    }

    private void look() {
        if (over) {
            return;
        }
        List<Tiered> found = new ArrayList<>(tiered.get());
        if (found.isEmpty()) {
            lookAgain();
            return;
        }
        Collections.shuffle(found);
        Thread thread = new Thread(
                () -> attempt(found.subList(0, Math.min(found.size(), MAX_PARTITIONS))), "siltstone-warm-up");
        thread.setDaemon(true);
        thread.start();
    }

    private void attempt(List<Tiered> found) {
        long startedNanos = System.nanoTime();
        long readsBefore = bucketReads.getAsLong();
        LoopbackFetch connection = new LoopbackFetch();
        underWay = connection;
        try {
            if (!over) {
                connection.connect(listener);
                read(connection, found);
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("A warm-up of reads has ended early", e);
        } finally {
            end(connection);
            underWay = null;
        }
        settle(bucketReads.getAsLong() - readsBefore, System.nanoTime() - startedNanos);
    }

    private void settle(long reads, long tookNanos) {
        attempts++;
        delayMs *= 2;
        if (reads >= ENOUGH_READS) {
            over = true;
            LOG.info("Reads are warm after {} ms", TimeUnit.NANOSECONDS.toMillis(tookNanos));
        } else if (attempts == MAX_ATTEMPTS) {
            over = true;
            LOG.info("Reads stay cold: {} attempts read too little of the bucket", attempts);
        } else if (!over) {
            lookAgain();
        }
    }

    private static void end(LoopbackFetch connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("Closing the warm-up's connection", e);
        }
    }

    /** Fetches what follows, of all partitions at once, until nothing does or it was enough. */
    private static void read(LoopbackFetch connection, List<Tiered> found) throws IOException {
        Map<Uuid, String> names = found.stream()
                .map(Tiered::partition)
                .collect(Collectors.toMap(TopicIdPartition::topicId, TopicIdPartition::topic, (one, other) -> one));
        Map<TopicPartition, Tiered> left = new LinkedHashMap<>();
        found.forEach(each -> left.put(each.partition().topicPartition(), each));
        long bytes = 0;
        for (int fetch = 0; fetch < MAX_FETCHES && bytes < MAX_BYTES && !left.isEmpty(); fetch++) {
            FetchResponse response = connection.fetch(request(left.values()));
            if (response.error() != Errors.NONE) {
                throw response.error().exception();
            }
            Map<TopicPartition, PartitionData> data = response.responseData(names, LoopbackFetch.VERSION);
            left.replaceAll((partition, asked) -> after(asked, data.get(partition)));
            left.values().removeIf(next -> next.fromOffset() >= next.toOffset());
            bytes +=
                    data.values().stream().mapToLong(FetchResponse::recordsSize).sum();
        }
    }

    private static FetchRequest request(Collection<Tiered> left) {
        Map<TopicPartition, FetchRequest.PartitionData> wanted = new LinkedHashMap<>();
        for (Tiered each : left) {
            wanted.put(
                    each.partition().topicPartition(),
                    new FetchRequest.PartitionData(
                            each.partition().topicId(),
                            each.fromOffset(),
                            FetchRequest.INVALID_LOG_START_OFFSET,
                            PARTITION_BYTES,
                            Optional.empty()));
        }
        return FetchRequest.Builder.forConsumer(LoopbackFetch.VERSION, 0, 1, wanted)
                .build(LoopbackFetch.VERSION);
    }

    /** What is left to read of a partition: nothing where it failed or gave nothing. */
    private static Tiered after(Tiered asked, @Nullable PartitionData data) {
        long next = asked.fromOffset();
        if (data != null && data.errorCode() == Errors.NONE.code()) {
            for (RecordBatch batch : ((MemoryRecords) FetchResponse.recordsOrFail(data)).batches()) {
                next = batch.nextOffset();
            }
        }
        return new Tiered(asked.partition(), next > asked.fromOffset() ? next : asked.toOffset(), asked.toOffset());
    }
}
