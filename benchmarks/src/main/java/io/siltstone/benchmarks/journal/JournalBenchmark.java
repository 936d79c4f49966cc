package io.siltstone.benchmarks.journal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalItem;
import io.siltstone.storage.journal.JournalQueue;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.replica.ReplicaEngine;
import io.siltstone.storage.replica.ReplicaRules;
import io.siltstone.storage.replica.WriterLink;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One append frame of 1 MiB, in entries of the given size, on a storage node whose disk costs nothing: the whole way from
 * the decoded frame to the acknowledgement, and its parts. Segments roll at 64 MiB and are dropped, so that files are
 * recycled and the index stays small.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 3, time = 2)
public class JournalBenchmark {

    private static final int FRAME_BYTES = 1 << 20;
    private static final int FRAMES_PER_SEGMENT = 64;
    private static final PartitionId PARTITION = new PartitionId(new UUID(-1, -1), 3);

    /** Bytes of an entry. */
    @Param({"1024", "65536"})
    public int entryBytes;

    private ByteBuf payload = Unpooled.EMPTY_BUFFER;
    private int payloadCrc;
    private ReplicaEngine engine = start();
    private Acknowledged link = new Acknowledged();
    private List<EntryHeader> headers = List.of();
    private long segment;
    private long nextEntry;

    /** A frame's bytes. */
    @Setup
    public void prepare() {
        payload = PooledByteBufAllocator.DEFAULT.directBuffer(FRAME_BYTES).writeZero(FRAME_BYTES);
        payloadCrc = Crc32c.of(payload, 0, entryBytes);
        headers = nextFrame();
    }

    /** Disk and connection begin anew, so that each iteration finds the same. */
    @Setup(Level.Iteration)
    public void restart() {
        engine = start();
        link = new Acknowledged();
        segment = 0;
        nextEntry = 0;
    }

    /** Gives the buffers back. */
    @TearDown
    public void release() {
        payload.release();
    }

    /** A frame is judged, its checksums compared, its group laid out and written, the index led on, the writer told. */
    @Benchmark
    public long append() throws IOException {
        if (nextEntry == (long) FRAMES_PER_SEGMENT * entriesPerFrame()) {
            segment++;
            nextEntry = 0;
            engine.core().drop(PARTITION, segment - 1, () -> {});
        }
        link.frames++;
        engine.core().append(link, link.frames, nextFrame(), payload.retainedDuplicate());
        nextEntry += entriesPerFrame();
        for (JournalGroup group = engine.nextGroup(); group != null; group = engine.nextGroup()) {
            engine.write(group);
            engine.force();
            engine.durable(group);
        }
        if (link.acknowledged != link.frames) {
            throw new IllegalStateException("frame " + link.frames + " was not acknowledged");
        }
        return link.acknowledged;
    }

    /** The headers that the frame's decoder makes, which {@link #append} makes too. */
    @Benchmark
    public List<EntryHeader> buildHeaders() {
        return nextFrame();
    }

    /** The entries go through the queue and come out as a group, arranged by segment. */
    @Benchmark
    public JournalGroup takeGroup() {
        JournalQueue queue = new JournalQueue();
        for (EntryHeader header : headers) {
            queue.add(new JournalItem.Entry(header, payload, 1, false));
        }
        JournalGroup group = queue.take(Long.MAX_VALUE);
        if (group == null || !queue.isEmpty()) {
            throw new IllegalStateException("the queue kept something back");
        }
        return group;
    }

    private int entriesPerFrame() {
        return FRAME_BYTES / entryBytes;
    }

    private List<EntryHeader> nextFrame() {
        List<EntryHeader> frame = new ArrayList<>(entriesPerFrame());
        for (int i = 0; i < entriesPerFrame(); i++) {
            long entry = nextEntry + i;
            frame.add(new EntryHeader(
                    new SegmentId(PARTITION, segment),
                    entry,
                    7,
                    entry - 1,
                    1_000_000_000L + entry * 64,
                    64,
                    1_800_000_000_000L,
                    EntryKind.BATCHES,
                    0,
                    0,
                    payloadCrc,
                    entryBytes));
        }
        return frame;
    }

    private static ReplicaEngine start() {
        try {
            ReplicaEngine started = ReplicaEngine.startInline(
                    new ForgetfulFiles(),
                    new DiskId(new UUID(7, 7)),
                    new JournalSettings(256 << 20, 4L << 30),
                    new ReplicaRules(),
                    new Random(1));
            started.maintain();
            return started;
        } catch (IOException impossible) {
            throw new IllegalStateException("a disk that keeps nothing cannot fail", impossible);
        }
    }

    /** A writer that listens. */
    private static final class Acknowledged extends WriterLink {

        private long frames;
        private long acknowledged;

        @Override
        protected void acknowledge(long sequence, List<Refusal> refusals) {
            if (!refusals.isEmpty()) {
                throw new IllegalStateException("refused: " + refusals);
            }
            acknowledged = sequence;
        }

        @Override
        protected void fenced(SegmentId fenced) {
            throw new IllegalStateException("nobody fences segment " + fenced);
        }

        @Override
        protected boolean isOpen() {
            return true;
        }
    }
}
