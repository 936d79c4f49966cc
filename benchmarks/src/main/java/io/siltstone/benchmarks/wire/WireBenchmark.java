package io.siltstone.benchmarks.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.FramePipeline;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.proto.Append;
import io.siltstone.log.wire.proto.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
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

/** One append frame of 1 MiB, in entries of the given size: written, read, and its parts. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class WireBenchmark {

    private static final int FRAME_BYTES = 1 << 20;

    /** Bytes of an entry. */
    @Param({"1024", "65536"})
    public int entryBytes;

    private final List<EntryHeader> headers = new ArrayList<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private ByteBuf payload = Unpooled.EMPTY_BUFFER;
    private ByteBuf encoded = Unpooled.EMPTY_BUFFER;
    private Request request = Request.getDefaultInstance();

    /** Encodes the frame that is then read again and again. */
    @Setup
    public void prepare() {
        SegmentId segment = new SegmentId(new PartitionId(new UUID(-1, -1), 3), 4);
        payload = PooledByteBufAllocator.DEFAULT.directBuffer(entryBytes).writeZero(entryBytes);
        for (int i = 0; i < FRAME_BYTES / entryBytes; i++) {
            headers.add(new EntryHeader(
                    segment,
                    i,
                    7,
                    -1,
                    1_000_000_000L + i * 64L,
                    64,
                    1_800_000_000_000L,
                    EntryKind.BATCHES,
                    0,
                    0,
                    Crc32c.of(payload),
                    entryBytes));
        }
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        FramePipeline.install(channel, Request.parser());
        request = request();
        encoded = PooledByteBufAllocator.DEFAULT.directBuffer(2 * FRAME_BYTES);
        write();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            encoded.writeBytes(part);
            part.release();
        }
    }

    /** Gives the buffers back. */
    @TearDown
    public void release() {
        channel.finishAndReleaseAll();
        payload.release();
        encoded.release();
    }

    /** The header message of the frame from the entries' headers. */
    @Benchmark
    public Request buildHeader() {
        return request();
    }

    /** The frame handed to the socket, without the socket. */
    @Benchmark
    public int writeFrame() {
        write();
        int parts = 0;
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            part.release();
            parts++;
        }
        return parts;
    }

    /** The frame from chunks of 64 KiB, into its buffer, its header parsed and mapped. */
    @Benchmark
    public long readFrame() {
        for (int at = 0; at < encoded.writerIndex(); at += 64 << 10) {
            channel.writeInbound(encoded.retainedSlice(at, Math.min(64 << 10, encoded.writerIndex() - at)));
        }
        Frame<Request> frame = channel.readInbound();
        long[] sum = new long[1];
        WireMapping.forEachEntry(
                frame.header().getAppend().getEntriesList(),
                frame.payload(),
                (header, bytes) -> sum[0] += header.entry() + bytes.readableBytes());
        frame.release();
        return sum[0];
    }

    /** The checksums of the frame's bytes. */
    @Benchmark
    public int checksum() {
        int sum = 0;
        for (int i = 0; i < headers.size(); i++) {
            sum += Crc32c.of(payload);
        }
        return sum;
    }

    private Request request() {
        Append.Builder append = Append.newBuilder().setSequence(1);
        for (EntryHeader header : headers) {
            append.addEntries(WireMapping.toMessage(header));
        }
        return Request.newBuilder().setAppend(append).build();
    }

    private void write() {
        List<ByteBuf> payloads = new ArrayList<>(headers.size());
        for (int i = 0; i < headers.size(); i++) {
            payloads.add(payload.retainedDuplicate());
        }
        channel.writeOutbound(new OutgoingFrame(request, payloads));
    }
}
