package io.siltstone.ingest;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.metadata.ClusterImage;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads a little history through the node's own Kafka listener, once, as soon as it owns some. The way from the bucket
 * to a client runs seldom and then for gigabytes at once: without this, its first reader waits for the JVM to load,
 * link and compile all of it, and code that producers share with it is compiled a second time.
 *
 * <p>Whatever fails ends it and nothing else. Started and closed by one thread.
 */
final class ReadWarmUp implements AutoCloseable {

    /** History that a node can read: offsets from the log start to the end of what is in the bucket. */
    record Tiered(TopicIdPartition partition, long fromOffset, long toOffset) {}

    private static final Logger LOG = LoggerFactory.getLogger(ReadWarmUp.class);

    private static final int MAX_FETCHES = 500;
    private static final int MAX_PARTITIONS = 4;
    /** More than a socket takes at once, so that answers are written in steps. */
    private static final int PARTITION_BYTES = 128 << 10;

    private static final int MAX_ANSWER_BYTES = 64 << 20;
    private static final int PATIENCE_MS = 10_000;
    private static final long LOOK_MS = 1_000;

    private final InetSocketAddress listener;
    private final Supplier<List<Tiered>> tiered;
    private final ScheduledFuture<?> looks;
    private volatile @Nullable Socket socket;

    private ReadWarmUp(InetSocketAddress listener, Supplier<List<Tiered>> tiered, EventLoop control) {
        this.listener = listener;
        this.tiered = tiered;
        this.looks = control.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    /**
     * Waits for history, then reads it.
     *
     * @param listener where the node serves Kafka's protocol
     * @param tiered what the node could read now; asked on the event loop, every second until something was read
     */
    static ReadWarmUp start(InetSocketAddress listener, Supplier<List<Tiered>> tiered, EventLoop control) {
        return new ReadWarmUp(listener, tiered, control);
    }

    /** What of these partitions is in the bucket. */
    static List<Tiered> readable(ClusterImage image, Collection<Partition> owned) {
        List<Tiered> found = new ArrayList<>();
        for (Partition each : owned) {
            image.partition(each.id()).ifPresent(seen -> {
                ManifestPointer manifest = seen.state().manifest();
                if (manifest != null && seen.state().logStart() < manifest.endOffset()) {
                    found.add(new Tiered(
                            new TopicIdPartition(TopicIds.toKafka(each.id().topic()), each.name()),
                            seen.state().logStart(),
                            manifest.endOffset()));
                }
            });
        }
        return found;
    }

    @Override
    public void close() {
        looks.cancel(false);
        Socket current = socket;
        if (current != null) {
            try {
                current.close();
            } catch (IOException e) {
                LOG.debug("Closing the warm-up's connection", e);
            }
        }
    }

    private void look() {
        if (socket != null) {
            return;
        }
        List<Tiered> found = tiered.get();
        if (!found.isEmpty()) {
            Socket next = new Socket();
            socket = next;
            Thread thread = new Thread(() -> run(next, found), "siltstone-warm-up");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run(Socket connection, List<Tiered> found) {
        long startedNanos = System.nanoTime();
        try (connection) {
            connection.setTcpNoDelay(true);
            connection.setSoTimeout(PATIENCE_MS);
            connection.connect(listener, PATIENCE_MS);
            long bytes = read(connection, found.subList(0, Math.min(found.size(), MAX_PARTITIONS)));
            if (bytes > 0) {
                looks.cancel(false);
                LOG.info(
                        "Warmed up the way from the bucket to clients with {} bytes in {} ms",
                        bytes,
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos));
            }
        } catch (IOException | RuntimeException e) {
            LOG.debug("The warm-up of reads has ended early", e);
        } finally {
            socket = null;
        }
    }

    /** Fetches what follows, partition by partition, until nothing does or it was enough; tells the bytes of records. */
    private static long read(Socket socket, List<Tiered> found) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        Map<Uuid, String> names = new HashMap<>();
        Map<TopicPartition, Tiered> left = new LinkedHashMap<>();
        for (Tiered each : found) {
            names.put(each.partition().topicId(), each.partition().topic());
            left.put(each.partition().topicPartition(), each);
        }
        short version = ApiKeys.FETCH.latestVersion();
        long bytes = 0;
        for (int fetch = 0; fetch < MAX_FETCHES && !left.isEmpty(); fetch++) {
            RequestHeader header = new RequestHeader(ApiKeys.FETCH, version, "siltstone-warm-up", fetch);
            ByteBuffer request = request(left, version).serializeWithHeader(header);
            out.writeInt(request.remaining());
            out.write(request.array(), request.arrayOffset() + request.position(), request.remaining());
            out.flush();
            byte[] answer = new byte[answerBytes(in.readInt())];
            in.readFully(answer);
            FetchResponse response = (FetchResponse) AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
            Map<TopicPartition, PartitionData> data = response.responseData(names, version);
            for (Map.Entry<TopicPartition, PartitionData> each : data.entrySet()) {
                bytes += FetchResponse.recordsSize(each.getValue());
                left.computeIfPresent(each.getKey(), (partition, asked) -> after(asked, each.getValue()));
            }
        }
        return bytes;
    }

    private static FetchRequest request(Map<TopicPartition, Tiered> left, short version) {
        Map<TopicPartition, FetchRequest.PartitionData> wanted = new LinkedHashMap<>();
        left.forEach((partition, tiered) -> wanted.put(
                partition,
                new FetchRequest.PartitionData(
                        tiered.partition().topicId(),
                        tiered.fromOffset(),
                        FetchRequest.INVALID_LOG_START_OFFSET,
                        PARTITION_BYTES,
                        Optional.empty())));
        return FetchRequest.Builder.forConsumer(version, 0, 1, wanted).build(version);
    }

    private static int answerBytes(int length) throws IOException {
        if (length < 0 || length > MAX_ANSWER_BYTES) {
            throw new IOException("an answer of " + length + " bytes");
        }
        return length;
    }

    /** What is left to read of a partition; null where that is nothing, or cannot be had. */
    private static @Nullable Tiered after(Tiered tiered, PartitionData data) {
        if (data.errorCode() != Errors.NONE.code()) {
            return null;
        }
        long next = tiered.fromOffset();
        for (RecordBatch batch : ((MemoryRecords) FetchResponse.recordsOrFail(data)).batches()) {
            next = batch.nextOffset();
        }
        return next > tiered.fromOffset() && next < tiered.toOffset()
                ? new Tiered(tiered.partition(), next, tiered.toOffset())
                : null;
    }
}
