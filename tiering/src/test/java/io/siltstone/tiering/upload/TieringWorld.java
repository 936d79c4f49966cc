package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.Unpooled;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.Sha256;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.manifest.RootRef;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.SegmentObjectReader;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.Quorum;
import io.siltstone.log.chain.SegmentEnd;
import io.siltstone.log.writer.ChainChange;
import io.siltstone.log.writer.UpdateResult;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.jspecify.annotations.Nullable;

/** One partition with its znode, disks and bucket in virtual time, and the check that nothing of it is lost. */
final class TieringWorld {

    static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);
    static final BucketKeys KEYS = new BucketKeys("cluster");
    static final List<DiskId> DISKS =
            List.of(new DiskId(new UUID(0, 1)), new DiskId(new UUID(0, 2)), new DiskId(new UUID(0, 3)));

    private static final TieringSettings SETTINGS = new TieringSettings(2_000, 500, 3_000, 10, 200);

    final VirtualLoop loop = new VirtualLoop();
    final MemoryObjectStore store = new MemoryObjectStore(loop);
    final FakeDisks disks = new FakeDisks(loop);
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    final ByteArrayOutputStream expected = new ByteArrayOutputStream();

    private final Random random;
    private PartitionState state = PartitionState.initial().claimedBy(new Owner(1, 1));
    private PartitionTiering owner;
    private boolean znodeAway;
    private @Nullable Runnable onCommit;
    private int uniques;

    TieringWorld(long seed) {
        random = new Random(seed);
        owner = own();
    }

    PartitionState state() {
        return state;
    }

    PartitionTiering owner() {
        return owner;
    }

    void state(PartitionState newState) {
        state = newState;
        owner.stateChanged(state, confirmedSnapshot());
    }

    void znodeAway(boolean away) {
        znodeAway = away;
    }

    /** Called at the start of each change of the znode. */
    void onCommit(Runnable action) {
        onCommit = action;
    }

    /** Appends a closed segment with so many entries of one batch each; none makes an empty one. */
    void addClosed(int batches, int recordsPerBatch) {
        long number = state.nextSegment();
        long base = state.closedEndOffset();
        SegmentId segment = new SegmentId(PARTITION, number);
        List<FakeDisks.Stored> entries = new ArrayList<>();
        entries.add(entry(segment, 0, base, 0, "0123456789abcdefstate".getBytes(StandardCharsets.US_ASCII)));
        long offset = base;
        for (int i = 0; i < batches; i++) {
            byte[] batch = batch(offset, recordsPerBatch);
            entries.add(entry(segment, entries.size(), offset, recordsPerBatch, batch));
            expected.writeBytes(batch);
            offset += recordsPerBatch;
        }
        disks.put(segment, entries);
        ChainSegment.Open open =
                new ChainSegment.Open(number, base, state.epoch(), new Quorum(3, 2), DISKS, loop.wallClockMs());
        state = state.withRegistered(open)
                .withLastClosed(
                        open.close(new SegmentEnd(entries.size() - 1, offset, offset > base ? offset : -1, base)));
    }

    /** Registers the segment that is being written, behind all closed ones. */
    void addOpen() {
        state = state.withRegistered(new ChainSegment.Open(
                state.nextSegment(),
                state.closedEndOffset(),
                state.epoch(),
                new Quorum(3, 2),
                DISKS,
                loop.wallClockMs()));
    }

    void start() {
        owner.start(state);
        owner.stateChanged(state, confirmedSnapshot());
    }

    /** The owner's process is gone; another takes over. */
    void crashAndTakeOver() {
        owner.close();
        loop.crash();
        takeOver();
    }

    /** Another owner takes over while the old one goes on and does not know. */
    void takeOver() {
        state = state.claimedBy(new Owner(1, state.epoch() + 10));
        owner = own();
        start();
    }

    boolean settled() {
        return state.segments().size() == 1 && end() == state.closedEndOffset();
    }

    private long end() {
        ManifestPointer manifest = state.manifest();
        return manifest == null ? 0 : manifest.endOffset();
    }

    /** Every record is in the bucket, once, in order, under a manifest that verifies. */
    void assertComplete() {
        ByteArrayOutputStream found = new ByteArrayOutputStream();
        for (ManifestRange range : ranges()) {
            byte[] object = Objects.requireNonNull(store.objects().get(range.key()), range.key());
            assertThat(Sha256.of(ByteBuffer.wrap(object))).isEqualTo(range.sha256());
            ByteBuffer tail =
                    ByteBuffer.wrap(object, (int) range.indexPosition(), object.length - (int) range.indexPosition());
            SegmentObjectReader reader = SegmentObjectReader.open(range, tail.slice());
            for (BlockEntry block : reader.index().blocks()) {
                reader.verifyBatches(block, ByteBuffer.wrap(object, (int) block.position(), block.length()));
                found.write(object, (int) block.position(), block.length());
            }
            assertThat(reader.index().producerSnapshot()).isNotNull();
        }
        assertThat(found.toByteArray()).isEqualTo(expected.toByteArray());
    }

    /** The manifest's ranges, checked to follow one another from offset 0 on. */
    List<ManifestRange> ranges() {
        ManifestTree tree = tree();
        List<ManifestRange> ranges = now(tree.page(0, 10_000).toCompletableFuture());
        long next = 0;
        for (ManifestRange range : ranges) {
            assertThat(range.baseOffset()).isEqualTo(next);
            next = range.endOffset();
        }
        assertThat(next).isEqualTo(end());
        return ranges;
    }

    /** The version that the znode names, with all roots before it present. */
    ManifestTree tree() {
        store.faults(call -> MemoryObjectStore.Fault.NONE);
        ManifestStore manifests = new ManifestStore(store, KEYS.partition(PARTITION.topic(), PARTITION.partition()));
        ManifestTree tree = now(manifests.load(state.manifest()).toCompletableFuture());
        for (ManifestRoot root = tree.root(); root != null && root.previous() != null; ) {
            RootRef previous = root.previous();
            root = now(manifests
                            .load(new ManifestPointer(previous.key(), previous.sha256(), 0, 0, 0, 0))
                            .toCompletableFuture())
                    .root();
        }
        return tree;
    }

    <T> T now(CompletableFuture<T> future) {
        loop.runUntil(future::isDone);
        return future.join();
    }

    private long confirmedSnapshot() {
        return state.nextSegment() - 1;
    }

    /** Each owner is a process of its own, with its own workers. */
    private PartitionTiering own() {
        int epoch = state.epoch();
        registry = new SimpleMeterRegistry();
        Tiering tiering = new Tiering(
                store,
                KEYS,
                TieringWorkers.on(List.of(loop)),
                SETTINGS,
                new TieringMetrics(registry),
                snapshot -> Map.of(),
                disk -> true,
                random,
                () -> "u" + uniques++);
        return tiering.partition(
                PARTITION, "topic", epoch, disks, loop, loop, (change, done) -> update(epoch, change, done), disks);
    }

    private void update(int epoch, ChainChange change, Consumer<UpdateResult> done) {
        if (onCommit != null) {
            onCommit.run();
        }
        loop.schedule(1, () -> {
            if (znodeAway) {
                update(epoch, change, done);
                return;
            }
            if (state.epoch() != epoch) {
                done.accept(UpdateResult.NOT_OWNER);
                return;
            }
            for (int times = random.nextInt(3); times >= 0; times--) { // again after an unknown outcome
                PartitionState next = change.applyTo(state);
                state = next == null ? state : next;
            }
            owner.stateChanged(state, confirmedSnapshot());
            done.accept(UpdateResult.DONE);
        });
    }

    private EntryHeader header(SegmentId segment, long entry, long base, int offsets, byte[] payload) {
        CRC32C crc = new CRC32C();
        crc.update(payload);
        boolean batches = offsets > 0;
        return new EntryHeader(
                segment,
                entry,
                state.epoch(),
                entry - 1,
                base,
                offsets,
                loop.wallClockMs(),
                batches ? EntryKind.BATCHES : EntryKind.SNAPSHOT,
                0,
                batches ? 0 : 1,
                (int) crc.getValue(),
                payload.length);
    }

    private FakeDisks.Stored entry(SegmentId segment, long entry, long base, int offsets, byte[] payload) {
        return new FakeDisks.Stored(header(segment, entry, base, offsets, payload), Unpooled.wrappedBuffer(payload));
    }

    private byte[] batch(long baseOffset, int records) {
        SimpleRecord[] all = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            byte[] value = new byte[100];
            random.nextBytes(value);
            all[i] = new SimpleRecord(baseOffset + i + 1, value);
        }
        ByteBuffer bytes = MemoryRecords.withRecords(baseOffset, Compression.NONE, state.epoch(), all)
                .buffer();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return copy;
    }
}
