package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules 1, 2 and 13 on one disk. */
class ReplicaCoreTest {

    private static final SegmentId SEGMENT = TestDisk.segment(4);

    private final VolatileFiles files = new VolatileFiles();
    private final TestDisk.Writer writer = new TestDisk.Writer();
    private TestDisk disk;

    @BeforeEach
    void start() throws IOException {
        disk = new TestDisk(files);
    }

    private void restart() throws IOException {
        disk = new TestDisk(files);
    }

    private void appendThrough(long last) throws IOException {
        for (long entry = 0; entry <= last; entry++) {
            disk.append(writer, entry + 1, SEGMENT, entry, 1);
        }
        disk.sync();
    }

    @Test
    void rule1AcknowledgesOnlyWhatIsFsynced() throws IOException {
        disk.append(writer, 1, SEGMENT, 0, 1);
        assertThat(writer.acknowledged).isZero();
        disk.writeOnly();
        assertThat(writer.acknowledged).isZero();
        files.crash(new Random(1));
        restart();
        appendThrough(2);
        assertThat(writer.acknowledged).isEqualTo(3);
    }

    @Test
    void rule1KeepsWhatIsAcknowledgedOverACrash() throws IOException {
        appendThrough(20);
        files.crash(new Random(2));
        restart();
        assertThat(disk.verify(SEGMENT)).isEqualTo(20);
        assertThat(disk.core.stat(SEGMENT).code()).isEqualTo(Code.OK);
    }

    @Test
    void rule1FenceWaitsForItsMarkAndForEachAppendAcceptedBefore() throws IOException {
        disk.append(writer, 1, SEGMENT, 0, 1);
        disk.append(writer, 2, SEGMENT, 1, 1);
        Answer<SegmentStat> answer = new Answer<>();
        disk.core.fence(SEGMENT, 2, answer);
        assertThat(answer.isThere()).isFalse();
        disk.sync();
        assertThat(answer.get().code()).isEqualTo(Code.OK);
        assertThat(answer.get().lastEntry()).isEqualTo(1);
        assertThat(writer.acknowledged).isEqualTo(2);
    }

    @Test
    void rule1FenceMarkSurvivesACrash() throws IOException {
        appendThrough(0);
        disk.fence(SEGMENT, 2);
        files.crash(new Random(3));
        restart();
        disk.append(writer, 2, SEGMENT, 1, 1);
        disk.sync();
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 1, Code.FENCED));
    }

    @Test
    void rule2TakesEntriesInOrderOnly() throws IOException {
        appendThrough(0);
        disk.append(writer, 2, SEGMENT, 2, 1);
        disk.append(writer, 3, SEGMENT, 1, 1);
        disk.sync();
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 2, Code.OUT_OF_ORDER));
        assertThat(writer.acknowledged).isEqualTo(3);
        assertThat(disk.verify(SEGMENT)).isZero();
    }

    @Test
    void rule2RepeatOfTheSameBytesIsAcknowledged() throws IOException {
        appendThrough(3);
        disk.append(writer, 5, SEGMENT, 2, 1);
        disk.append(writer, 6, SEGMENT, 4, 1);
        assertThat(writer.acknowledged).isEqualTo(4);
        disk.sync();
        assertThat(writer.acknowledged).isEqualTo(6);
        assertThat(writer.refusals).isEmpty();
        assertThat(disk.verify(SEGMENT)).isEqualTo(4);
    }

    @Test
    void rule2RepeatBeforeTheFirstIsFsyncedWaitsForIt() throws IOException {
        disk.append(writer, 1, SEGMENT, 0, 1);
        disk.append(writer, 2, SEGMENT, 0, 1);
        disk.sync();
        assertThat(writer.acknowledged).isEqualTo(2);
        assertThat(writer.refusals).isEmpty();
    }

    @Test
    void rule2SameIdWithOtherBytesIsAConflict() throws IOException {
        appendThrough(3);
        ByteBuf other = TestDisk.payload(99, 50);
        disk.core.append(writer, 5, List.of(TestDisk.header(SEGMENT, 2, 1, other)), other);
        disk.sync();
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 2, Code.CONFLICT));
    }

    @Test
    void rule2FencedSegmentRefusesItsWriterAlsoARepeat() throws IOException {
        appendThrough(3);
        disk.fence(SEGMENT, 2);
        assertThat(writer.fenced).containsExactly(SEGMENT);
        disk.append(writer, 5, SEGMENT, 3, 1);
        disk.sync();
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 3, Code.FENCED));
    }

    @Test
    void rule2RepeatThatWaitsForItsComparisonIsRefusedByAFenceInBetween() throws IOException {
        appendThrough(3);
        disk.append(writer, 5, SEGMENT, 3, 1);
        disk.core.fence(SEGMENT, 2, stat -> {});
        disk.sync();
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 3, Code.FENCED));
    }

    @Test
    void rule2RecoveryWritesPastTheFenceFromItsEpochOn() throws IOException {
        appendThrough(1);
        disk.fence(SEGMENT, 5);
        assertThat(disk.recover(SEGMENT, 4, 1, 2, 3).code()).isEqualTo(Code.FENCED);
        ReplicaCore.RecoveryResult result = disk.recover(SEGMENT, 5, 1, 2, 3);
        assertThat(result.code()).isEqualTo(Code.OK);
        assertThat(result.stat().lastEntry()).isEqualTo(3);
        assertThat(disk.verify(SEGMENT)).isEqualTo(3);
    }

    @Test
    void rule2RecoveryRepeatsWhatIsThereAndAddsTheRest() throws IOException {
        appendThrough(2);
        disk.fence(SEGMENT, 2);
        assertThat(disk.recover(SEGMENT, 2, 1, 1, 5).code()).isEqualTo(Code.OK);
        assertThat(disk.verify(SEGMENT)).isEqualTo(5);
    }

    @Test
    void rule2RecoveryToADiskThatNeverSawTheSegmentFencesIt() throws IOException {
        assertThat(disk.recover(SEGMENT, 2, 1, 0, 2).code()).isEqualTo(Code.OK);
        disk.append(writer, 1, SEGMENT, 3, 1);
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 3, Code.FENCED));
    }

    @Test
    void rule2LowerEpochDoesNotFenceAgain() throws IOException {
        disk.fence(SEGMENT, 5);
        assertThat(disk.fence(SEGMENT, 4).code()).isEqualTo(Code.FENCED);
        assertThat(disk.fence(SEGMENT, 5).code()).isEqualTo(Code.OK);
    }

    @Test
    void rule2DroppedSegmentsRefuseWritesAndCountAsFencedForGood() throws IOException {
        appendThrough(3);
        disk.core.drop(TestDisk.PARTITION, 5, () -> {});
        disk.sync();
        files.crash(new Random(4));
        restart();
        assertThat(disk.core.stat(SEGMENT).code()).isEqualTo(Code.FENCED);
        assertThat(disk.fence(SEGMENT, 9).code()).isEqualTo(Code.FENCED);
        assertThat(disk.recover(SEGMENT, 9, 1, 0, 1).code()).isEqualTo(Code.FENCED);
        disk.append(writer, 9, TestDisk.segment(3), 0, 1);
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(TestDisk.segment(3), 0, Code.FENCED));
        assertThat(disk.engine.space().liveBytes()).isZero();
    }

    @Test
    void rule2AnotherEpochThanTheFirstIsInvalid() throws IOException {
        appendThrough(0);
        disk.append(writer, 2, SEGMENT, 1, 2);
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 1, Code.INVALID));
    }

    @Test
    void damagedPayloadIsRefused() {
        ByteBuf payload = TestDisk.payload(1, 100);
        EntryHeader header = TestDisk.header(SEGMENT, 0, 1, payload);
        payload.setByte(50, payload.getByte(50) ^ 1);
        disk.core.append(writer, 1, List.of(header), payload);
        assertThat(writer.refusals).containsExactly(new WriterLink.Refusal(SEGMENT, 0, Code.CORRUPT));
    }

    @Test
    void damagedBytesOnTheDiskAreAnErrorNotAnAnswer() throws IOException {
        appendThrough(3);
        files.flip("journal-000001", 4096 + 40 + 96 + 20);
        assertThat(disk.read(SEGMENT, 0, 9, 1 << 20).code()).isEqualTo(Code.CORRUPT);
    }

    @Test
    void fullDiskRefusesAppendsAndStillFencesRecoversReadsAndDrops() throws IOException {
        disk = new TestDisk(new VolatileFiles(), new JournalSettings(256 << 10, 6 * (256 << 10)), new ReplicaRules());
        long entry = 0;
        while (writer.refusals.isEmpty()) {
            ByteBuf payload = TestDisk.payload(entry, 60_000);
            disk.core.append(writer, entry + 1, List.of(TestDisk.header(SEGMENT, entry, 1, payload)), payload);
            disk.sync();
            entry++;
        }
        assertThat(writer.refusals.get(0).code()).isEqualTo(Code.BUSY);
        long last = disk.fence(SEGMENT, 2).lastEntry();
        assertThat(last).isEqualTo(entry - 2);
        assertThat(disk.readAndRelease(SEGMENT, last, last, 100_000)).hasSize(1);
        SegmentId other = TestDisk.segment(5);
        assertThat(disk.recover(other, 2, 1, 0, 5).code()).isEqualTo(Code.OK);

        TestDisk.Writer taker = new TestDisk.Writer();
        appendSnapshotChunk(taker, TestDisk.segment(7), 1, 0, 0, 1);
        disk.sync();
        assertThat(taker.refusals).isEmpty();

        disk.core.drop(TestDisk.PARTITION, 5, () -> {});
        disk.sync();
        TestDisk.Writer next = new TestDisk.Writer();
        disk.append(next, 1, TestDisk.segment(6), 0, 3);
        disk.sync();
        assertThat(next.refusals).isEmpty();
    }

    @Test
    void latestCompleteSnapshotIsToldWithTheStanding() throws IOException {
        appendThrough(0);
        appendSnapshotChunk(2, 1, 0, 2);
        disk.sync();
        assertThat(disk.core.stat(SEGMENT).snapshotEntry()).isEqualTo(-1);
        appendSnapshotChunk(3, 2, 1, 2);
        disk.sync();
        assertThat(disk.core.stat(SEGMENT).snapshotEntry()).isEqualTo(1);
        files.crash(new Random(5));
        restart();
        assertThat(disk.core.stat(SEGMENT).snapshotEntry()).isEqualTo(1);
    }

    private void appendSnapshotChunk(long sequence, long entry, int chunk, int chunks) {
        appendSnapshotChunk(writer, SEGMENT, sequence, entry, chunk, chunks);
    }

    private void appendSnapshotChunk(
            TestDisk.Writer from, SegmentId segment, long sequence, long entry, int chunk, int chunks) {
        ByteBuf payload = TestDisk.payload(entry, 10);
        EntryHeader plain = TestDisk.header(segment, entry, 1, payload);
        disk.core.append(
                from,
                sequence,
                List.of(new EntryHeader(
                        segment, entry, 1, entry - 1, 1, 0, 1000, EntryKind.SNAPSHOT, chunk, chunks, plain.crc(), 10)),
                payload);
    }

    @Test
    void readsByOffsetFromTheEntryThatHoldsIt() throws IOException {
        appendThrough(200);
        Answer<ReplicaReads.ReadAnswer> answer = new Answer<>();
        disk.core.reads().fromOffset(SEGMENT, 150, Long.MAX_VALUE, 1, bytes -> true, answer);
        answer.get().entries().release();
        assertThat(answer.get().entries().headers())
                .extracting(EntryHeader::entry)
                .containsExactly(150L);
    }

    @Test
    void writerWhoseConnectionIsGoneIsNotKept() throws IOException {
        appendThrough(2);
        disk.append(writer, 4, SEGMENT, 9, 1);
        assertThat(writer.hasRefused(SEGMENT)).isTrue();

        disk.core.closed(writer);

        assertThat(writer.hasRefused(SEGMENT)).isFalse();
        disk.fence(SEGMENT, 2);
        assertThat(writer.fenced).isEmpty();
    }

    @Test
    void readIsJudgedByAllThatHasToBeReadForItAndBusyWhereThatIsRefused() throws IOException {
        appendThrough(50);
        long answered = TestDisk.payloadOf(SEGMENT, 10).readableBytes();
        List<Long> judged = new ArrayList<>();
        Answer<ReplicaReads.ReadAnswer> answer = new Answer<>();
        disk.core
                .reads()
                .fromEntry(
                        SEGMENT,
                        10,
                        50,
                        1,
                        bytes -> {
                            judged.add(bytes);
                            return false;
                        },
                        answer);
        assertThat(answer.get().code()).isEqualTo(Code.BUSY);
        assertThat(judged).singleElement().satisfies(bytes -> assertThat(bytes).isGreaterThan(10 * answered));
    }

    @Test
    void readsAtLeastOneEntryAndAboutWhatIsAsked() throws IOException {
        appendThrough(50);
        assertThat(disk.readAndRelease(SEGMENT, 10, 50, 1)).hasSize(1);
        assertThat(disk.readAndRelease(SEGMENT, 10, 12, 1 << 20)).hasSize(3);
        assertThat(disk.readAndRelease(SEGMENT, 51, 60, 1 << 20)).isEmpty();
    }
}
