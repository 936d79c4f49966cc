package io.siltstone.log.writer;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas.Entry;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** State is text here: a snapshot tells it whole, each batch adds its own. */
class RestorationTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);
    private static final SegmentId SEGMENT = new SegmentId(PARTITION, 4);
    private static final SegmentId EMPTY = new SegmentId(PARTITION, 5);
    private static final DiskId DISK = new DiskId(new UUID(0, 1));
    private static final DiskId OTHER_DISK = new DiskId(new UUID(0, 2));

    private static final Placement LIVE = new LogFixture(2).placement;

    private final VirtualTime time = new VirtualTime();
    private final FakeReplicas replicas = new FakeReplicas(time);
    private final StringBuilder state = new StringBuilder();
    private @Nullable SegmentId restoredFrom;
    private boolean restored;
    private boolean complete = true;

    @AfterEach
    void releaseDisks() {
        replicas.release();
    }

    @Test
    void aSnapshotCutOffByTheSegmentsEndIsPassedOverForTheFirst() {
        // given: the disk holds the second snapshot whole, the segment ends within it
        snapshot(DISK, SEGMENT, "a");
        batch(DISK, SEGMENT, "b");
        batch(DISK, SEGMENT, "c");
        long lastEntry = snapshot(DISK, SEGMENT, "ab", "c") - 1;

        // when
        restore(new Restoration.Source(SEGMENT, lastEntry, false, List.of(DISK)));

        // then
        assertThat(restoredFrom).isEqualTo(SEGMENT);
        assertThat(state.toString()).isEqualTo("abc");
    }

    @Test
    void anEmptySegmentWhoseOnlyCopyIsGoneIsPassedOverForTheOneBefore() {
        // given
        snapshot(DISK, SEGMENT, "a");
        long lastEntry = batch(DISK, SEGMENT, "b");
        replicas.wiped.add(OTHER_DISK);

        // when
        restore(
                new Restoration.Source(EMPTY, 0, true, List.of(OTHER_DISK)),
                new Restoration.Source(SEGMENT, lastEntry, false, List.of(DISK)));

        // then
        assertThat(restoredFrom).isEqualTo(SEGMENT);
        assertThat(state.toString()).isEqualTo("ab");
    }

    @Test
    void anEmptySegmentThatEndsWithinItsSnapshotIsPassedOverForTheOneBefore() {
        // given
        long lastEntry = snapshot(DISK, SEGMENT, "a");
        long cutOff = snapshot(DISK, EMPTY, "not ", "all") - 1;

        // when
        restore(
                new Restoration.Source(EMPTY, cutOff, true, List.of(DISK)),
                new Restoration.Source(SEGMENT, lastEntry, false, List.of(DISK)));

        // then
        assertThat(restoredFrom).isEqualTo(SEGMENT);
        assertThat(state.toString()).isEqualTo("a");
    }

    @Test
    void anEmptySegmentIsWaitedForWhereTheOnesBeforeItAreTrimmed() {
        // given
        complete = false;
        snapshot(DISK, EMPTY, "a");
        replicas.unreachable.add(DISK);

        // when
        restore(new Restoration.Source(EMPTY, 0, true, List.of(DISK)));
        boolean restoredWithoutIt = restored;
        replicas.unreachable.clear();
        time.advance(1_000);

        // then
        assertThat(restoredWithoutIt).isFalse();
        assertThat(restoredFrom).isEqualTo(EMPTY);
        assertThat(state.toString()).isEqualTo("a");
    }

    @Test
    void aPartitionThatNeverHeldABatchBeginsWithoutItsSnapshot() {
        // given
        replicas.wiped.add(DISK);

        // when
        restore(new Restoration.Source(EMPTY, 0, true, List.of(DISK)));

        // then
        assertThat(restored).isTrue();
        assertThat(restoredFrom).isNull();
    }

    @Test
    void aSegmentWithBatchesIsWaitedForAlsoWhereAnOlderOneCouldBeRead() {
        // given
        long olderEntry = snapshot(DISK, SEGMENT, "old");
        replicas.wiped.add(OTHER_DISK);

        // when
        restore(
                new Restoration.Source(EMPTY, 0, false, List.of(OTHER_DISK)),
                new Restoration.Source(SEGMENT, olderEntry, false, List.of(DISK)));

        // then
        assertThat(restored).isFalse();
    }

    private void restore(Restoration.Source... newestFirst) {
        new Restoration(List.of(newestFirst), complete, LIVE, replicas, time, new Restoration.Events() {
                    @Override
                    public void restore(ByteBuf snapshot) {
                        state.setLength(0);
                        state.append(snapshot.toString(StandardCharsets.UTF_8));
                    }

                    @Override
                    public void replay(EntryHeader header, ByteBuf batches) {
                        state.append(batches.toString(
                                batches.readerIndex() + 61, batches.readableBytes() - 61, StandardCharsets.UTF_8));
                    }

                    @Override
                    public void restored(@Nullable SegmentId from, BatchTimestamps timestamps) {
                        restoredFrom = from;
                        restored = true;
                    }
                })
                .start();
        time.advance(60_000);
    }

    private long batch(DiskId disk, SegmentId segment, String text) {
        long entry = replicas.segment(disk, segment).entries.size();
        add(disk, segment, EntryKind.BATCHES, 0, 0, LogFixture.batch(entry, text));
        return entry;
    }

    /** Writes a snapshot in as many chunks as there are parts; tells its last entry. */
    private long snapshot(DiskId disk, SegmentId segment, String... parts) {
        for (int chunk = 0; chunk < parts.length; chunk++) {
            ByteBuf payload = Unpooled.buffer();
            if (chunk == 0) {
                payload.writeLong(-1).writeLong(-1);
            }
            payload.writeBytes(parts[chunk].getBytes(StandardCharsets.UTF_8));
            add(disk, segment, EntryKind.SNAPSHOT, chunk, parts.length, payload);
        }
        return replicas.segment(disk, segment).entries.size() - 1L;
    }

    private void add(DiskId disk, SegmentId segment, EntryKind kind, int chunk, int chunks, ByteBuf payload) {
        List<Entry> entries = replicas.segment(disk, segment).entries;
        int offsets = kind == EntryKind.BATCHES ? 1 : 0;
        entries.add(new Entry(
                new EntryHeader(
                        segment,
                        entries.size(),
                        0,
                        -1,
                        entries.size(),
                        offsets,
                        0,
                        kind,
                        chunk,
                        chunks,
                        0,
                        payload.readableBytes()),
                payload));
    }
}
