package io.siltstone.benchmarks.records;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.siltstone.ingest.kafka.RecordValidation;
import io.siltstone.ingest.kafka.RecordValidation.Validated;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.metadata.TopicImage;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.storage.internals.log.AppendOrigin;
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

/** A produced batch of 64 KiB, uncompressed size, is checked and gets its offsets. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class ValidationBenchmark {

    private static final int BATCH_BYTES = 64 << 10;
    private static final TopicPartition PARTITION = new TopicPartition("records", 0);

    /** Bytes of a record's value. */
    @Param({"100", "1024"})
    public int recordBytes;

    /** The producer's compression, which the topic keeps. */
    @Param({"none", "lz4"})
    public String compression = "none";

    private final TopicSettings settings =
            new TopicDefaults(Map.of()).settings(new TopicImage("records", new UUID(1, 1), 1, Map.of(), 0));
    private final RecordValidation validation = new RecordValidation(PooledByteBufAllocator.DEFAULT);
    private MemoryRecords records = MemoryRecords.EMPTY;
    private ByteBuf bytes = Unpooled.EMPTY_BUFFER;
    private long nextOffset;

    /** Puts the batch into direct memory, where a request's buffer is. */
    @Setup
    public void prepare() {
        ByteBuffer batch =
                RecordBatches.batch(compression, 0, BATCH_BYTES, recordBytes).buffer();
        bytes = PooledByteBufAllocator.DEFAULT.directBuffer(batch.remaining()).writeBytes(batch);
        records = MemoryRecords.readableRecords(bytes.nioBuffer());
    }

    /** Gives the buffer back. */
    @TearDown
    public void release() {
        bytes.release();
    }

    /** Size, format and CRC alone. */
    @Benchmark
    public MutableRecordBatch check() {
        return validation.check(records, settings);
    }

    /** All that an append does with a batch before the log takes it. */
    @Benchmark
    public long validate() {
        bytes.setLong(bytes.readerIndex(), 0); // the base offset, as a producer sends it
        MutableRecordBatch batch = validation.check(records, settings);
        Validated validated =
                validation.assign(PARTITION, records, batch, bytes, settings, nextOffset, 7, AppendOrigin.CLIENT);
        nextOffset += validated.offsetCount();
        validated.bytes().release();
        return nextOffset;
    }
}
