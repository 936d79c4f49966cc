package io.siltstone.benchmarks.bucket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.siltstone.benchmarks.records.RecordBatches;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.CommitStamp;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestObject;
import io.siltstone.format.segment.FinishedObject;
import io.siltstone.format.segment.SegmentObjectWriter;
import io.siltstone.format.segment.SegmentSource;
import io.siltstone.format.segment.SegmentTrailer;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.tiering.history.HistoryReader;
import io.siltstone.tiering.history.HistorySettings;
import io.siltstone.tiering.history.HistorySlice;
import io.siltstone.tiering.upload.ManifestStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** A segment object of 16 MiB, in batches of the given size: built, and read back from its first offset to its last. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class SegmentObjectBenchmark {

    private static final int OBJECT_BYTES = 16 << 20;
    private static final int READ_BYTES = 1 << 20;
    private static final int RECORD_BYTES = 1 << 10;
    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);
    private static final BucketKeys KEYS = new BucketKeys("cluster");
    private static final PartitionKeys PARTITION_KEYS = KEYS.partition(PARTITION.topic(), PARTITION.partition());

    /** Bytes of a batch. */
    @Param({"16384", "262144"})
    public int batchBytes;

    private final List<ByteBuf> batches = new ArrayList<>();
    private final MemoryBucket bucket = new MemoryBucket();

    /** Keeps nothing of what was read, so that every read compares checksums. */
    private final HistoryReader reader =
            new HistoryReader(bucket, KEYS, new HistorySettings(64L << 20, 1 << 20, 0, false, 1 << 20));

    private long endOffset;
    private @Nullable ManifestPointer manifest;

    /** Makes the batches, and the object that is then read again and again. */
    @Setup
    public void prepare() throws Exception {
        for (int bytes = 0; bytes < OBJECT_BYTES; bytes += batchBytes) {
            MemoryRecords batch = RecordBatches.batch("none", endOffset, batchBytes, RECORD_BYTES);
            endOffset = batch.batches().iterator().next().nextOffset();
            batches.add(PooledByteBufAllocator.DEFAULT
                    .directBuffer(batch.sizeInBytes())
                    .writeBytes(batch.buffer()));
        }
        ByteBuf object = Unpooled.buffer(OBJECT_BYTES);
        SegmentObjectWriter writer = writer();
        object.writeBytes(writer.begin());
        for (ByteBuf batch : batches) {
            object.writeBytes(writer.append(batch.nioBuffer()));
        }
        FinishedObject finished = writer.finish(trailer());
        object.writeBytes(finished.tail());
        String key = PARTITION_KEYS.segment(0, 1, "a");
        bucket.putIfAbsent(key, object).join();
        object.release();
        manifest = commit(finished, key);
    }

    private ManifestPointer commit(FinishedObject object, String key) throws Exception {
        ManifestCommit commit = new ManifestStore(bucket, PARTITION_KEYS)
                .load(null)
                .thenCompose(empty -> empty.append(List.of(object.toRange(key)), 0, new CommitStamp(1, 1, "a", 1)))
                .toCompletableFuture()
                .get();
        List<ManifestObject> written = new ArrayList<>(commit.nodes());
        written.add(commit.rootObject());
        for (ManifestObject each : written) {
            bucket.putIfAbsent(each.key(), Unpooled.wrappedBuffer(each.bytes().duplicate()))
                    .join();
        }
        return new ManifestPointer(
                commit.ref().key(),
                commit.ref().sha256(),
                1,
                1,
                endOffset,
                commit.root().bytes());
    }

    /** Gives the buffers back. */
    @TearDown
    public void release() {
        reader.close();
        bucket.close();
        batches.forEach(ByteBuf::release);
    }

    /** The batches' checksums, the blocks' and the object's, and the index: all of an upload but the store. */
    @Benchmark
    public FinishedObject build() {
        SegmentObjectWriter writer = writer();
        writer.begin();
        for (ByteBuf batch : batches) {
            writer.append(batch.nioBuffer());
        }
        return writer.finish(trailer());
    }

    /** Every chunk is read from memory and its blocks' checksums compared; the batches come as views. */
    @Benchmark
    public long read() {
        ManifestPointer pointer = manifest;
        long bytes = 0;
        for (long offset = 0; pointer != null && offset < endOffset; ) {
            HistorySlice slice =
                    reader.read(PARTITION, pointer, offset, READ_BYTES).join().orElseThrow();
            bytes += slice.batches().readableBytes();
            offset = slice.endOffset();
            slice.release();
        }
        return bytes;
    }

    private static SegmentObjectWriter writer() {
        return new SegmentObjectWriter(
                new SegmentSource("records", PARTITION.topic(), PARTITION.partition(), 4, 4, 0),
                SegmentObjectWriter.DEFAULT_BLOCK_BYTES);
    }

    private SegmentTrailer trailer() {
        return new SegmentTrailer(endOffset, -1, List.of(), ByteBuffer.allocate(0));
    }
}
