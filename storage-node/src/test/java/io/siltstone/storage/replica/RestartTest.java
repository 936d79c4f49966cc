package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a disk knows after a crash, a failed force or damage. */
class RestartTest {

    private static final SegmentId SEGMENT = TestDisk.segment(1);
    private static final JournalSettings SMALL = new JournalSettings(256 << 10, 12 * (256 << 10));

    private final VolatileFiles files = new VolatileFiles();
    private final TestDisk.Writer writer = new TestDisk.Writer();

    private static void appendEach(TestDisk disk, WriterLink link, SegmentId segment, long first, long last)
            throws IOException {
        for (long entry = first; entry <= last; entry++) {
            disk.append(link, entry + 1, segment, entry, 1);
            disk.sync();
        }
    }

    @Test
    void tornTailIsForgottenAndNothingElse() throws IOException {
        TestDisk disk = new TestDisk(files);
        appendEach(disk, writer, SEGMENT, 0, 9);
        disk.append(writer, 11, SEGMENT, 10, 1);
        disk.writeOnly();
        files.flip("journal-000001", 4096 * 11L + 50);
        disk = new TestDisk(files);
        assertThat(disk.verify(SEGMENT)).isEqualTo(9);
        assertThat(disk.core.stat(SEGMENT).code()).isEqualTo(Code.OK);
    }

    @Test
    void holeFencesWhatWasBegunBeforeItsEndAndAnswersUnknown() throws IOException {
        TestDisk disk = new TestDisk(files);
        SegmentId before = TestDisk.segment(2);
        SegmentId after = TestDisk.segment(3);
        appendEach(disk, writer, before, 0, 3);
        appendEach(disk, writer, SEGMENT, 0, 9);
        appendEach(disk, writer, after, 0, 3);
        files.flip("journal-000001", 4096 * (1 + 4 + 5) + 50);

        disk = new TestDisk(files);
        assertThat(disk.core.stat(before).code()).isEqualTo(Code.UNKNOWN);
        assertThat(disk.core.stat(SEGMENT).code()).isEqualTo(Code.UNKNOWN);
        assertThat(disk.fence(SEGMENT, 5).code()).isEqualTo(Code.UNKNOWN);
        assertThat(disk.core.stat(after).code()).isEqualTo(Code.OK);
        assertThat(disk.core.stat(TestDisk.segment(77)).code()).isEqualTo(Code.UNKNOWN);
        assertThat(disk.readAndRelease(SEGMENT, 0, 4, 1 << 20)).hasSize(5);
        assertThat(disk.read(SEGMENT, 5, 9, 1 << 20).code()).isEqualTo(Code.UNKNOWN);
        TestDisk.Writer late = new TestDisk.Writer();
        disk.append(late, 1, SEGMENT, 5, 1);
        assertThat(late.refusals).extracting(WriterLink.Refusal::code).containsExactly(Code.FENCED);

        // It stays so, from the checkpoint that the start wrote.
        disk = new TestDisk(files);
        assertThat(disk.core.stat(SEGMENT).code()).isEqualTo(Code.UNKNOWN);
        assertThat(disk.core.stat(after).code()).isEqualTo(Code.OK);
        assertThat(disk.recover(SEGMENT, 6, 1, 5, 9).code()).isEqualTo(Code.OK);
        assertThat(disk.readAndRelease(SEGMENT, 0, 9, 1 << 20)).hasSize(10);
    }

    @Test
    void missingJournalFileIsALossNotAnAbsence() throws IOException {
        TestDisk disk = new TestDisk(files, SMALL, new ReplicaRules());
        for (long entry = 0; entry < 12; entry++) {
            ByteBuf payload = TestDisk.payload(entry, 60_000);
            disk.core.append(writer, entry + 1, List.of(TestDisk.header(SEGMENT, entry, 1, payload)), payload);
            disk.sync();
        }
        disk.engine.checkpoint(() -> {});
        files.remove(disk.engine.space().pin(2).name());
        disk = new TestDisk(files, SMALL, new ReplicaRules());
        assertThat(disk.core.stat(SEGMENT).code()).isEqualTo(Code.UNKNOWN);
        assertThat(disk.core.stat(SEGMENT).lastEntry()).isLessThan(11);
    }

    @Test
    void failedForceStopsTheJournalForGood() throws IOException {
        TestDisk disk = new TestDisk(files);
        appendEach(disk, writer, SEGMENT, 0, 0);
        disk.append(writer, 2, SEGMENT, 1, 1);
        files.failForce();
        assertThatThrownBy(disk::sync).isInstanceOf(IOException.class);
        assertThat(writer.acknowledged).isEqualTo(1);
        disk.append(writer, 3, SEGMENT, 2, 1);
        assertThatThrownBy(disk::sync).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void tailThatThePageCacheShowsAfterAFailedForceIsMadeDurableBeforeItCounts() throws IOException {
        TestDisk disk = new TestDisk(files);
        appendEach(disk, writer, SEGMENT, 0, 4);
        disk.append(writer, 6, SEGMENT, 5, 1);
        files.failForce();
        assertThatThrownBy(disk::sync).isInstanceOf(IOException.class);

        // Another process finds the bytes in the page cache, which the disk lacks and will never get.
        files.heal();
        disk = new TestDisk(files);
        assertThat(disk.fence(SEGMENT, 2).lastEntry()).isEqualTo(5);
        files.crash(new Random(1));
        disk = new TestDisk(files);
        assertThat(disk.verify(SEGMENT)).isEqualTo(5);
        assertThat(disk.core.stat(SEGMENT).code()).isEqualTo(Code.FENCED);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void acknowledgedEntriesSurviveCrashesAndDroppedOnesStayAway(long seed) throws IOException {
        Random random = new Random(seed);
        Map<SegmentId, Long> acknowledged = new HashMap<>();
        Map<SegmentId, Integer> dropped = new HashMap<>();
        long segmentNumber = 0;
        long written = 0;
        long limit = 10 * SMALL.limitBytes();
        TestDisk disk = new TestDisk(files, SMALL, new ReplicaRules());
        while (written < limit) {
            SegmentId segment = TestDisk.segment(segmentNumber++);
            TestDisk.Writer link = new TestDisk.Writer();
            int entries = 1 + random.nextInt(40);
            for (long entry = 0; entry < entries && link.refusals.isEmpty(); entry++) {
                ByteBuf payload = TestDisk.payload(segment.hashCode() * 31L + entry, random.nextInt(20_000));
                written += payload.readableBytes();
                disk.core.append(link, entry + 1, List.of(TestDisk.header(segment, entry, 1, payload)), payload);
                if (random.nextInt(3) == 0) {
                    disk.sync();
                }
            }
            if (random.nextInt(4) == 0) {
                JournalGroup group = disk.engine.nextGroup();
                if (group != null) {
                    disk.engine.write(group);
                }
                files.crash(random);
                disk = new TestDisk(files, SMALL, new ReplicaRules());
            } else {
                disk.sync();
            }
            acknowledged.put(segment, link.refusals.isEmpty() ? link.acknowledged - 1 : -1);
            if (disk.engine.space().usedBytes() > SMALL.limitBytes() / 2) {
                long below = Math.max(0, segmentNumber - 3 - random.nextInt(5));
                disk.core.drop(TestDisk.PARTITION, below, () -> {});
                disk.sync();
                for (long number = 0; number < below; number++) {
                    if (acknowledged.remove(TestDisk.segment(number)) != null) {
                        dropped.put(TestDisk.segment(number), 1);
                    }
                }
            }
            if (random.nextInt(8) == 0) {
                verify(disk, acknowledged, "seed " + seed);
            }
            for (SegmentId gone : dropped.keySet()) {
                assertThat(disk.core.stat(gone).code()).isEqualTo(Code.FENCED);
            }
        }
    }

    private static void verify(TestDisk disk, Map<SegmentId, Long> acknowledged, String what) {
        for (Map.Entry<SegmentId, Long> held : acknowledged.entrySet()) {
            SegmentStat stat = disk.core.stat(held.getKey());
            assertThat(stat.lastEntry()).as("%s: %s", what, held).isGreaterThanOrEqualTo(held.getValue());
            assertThat(stat.code()).isIn(Code.OK, Code.NO_SUCH_SEGMENT);
            for (long entry = 0; entry <= stat.lastEntry(); entry++) {
                ReplicaReads.ReadAnswer answer = disk.read(held.getKey(), entry, entry, 1 << 20);
                assertThat(answer.code()).isEqualTo(Code.OK);
                ByteBuf bytes = answer.entries().payloads().get(0);
                assertThat(bytes)
                        .isEqualTo(TestDisk.payload(held.getKey().hashCode() * 31L + entry, bytes.readableBytes()));
                answer.entries().release();
            }
        }
    }

    @Test
    void fewLiveEntriesAreMovedSoThatTheirFilesCanBeUsedAgain() throws IOException {
        Random random = new Random(5);
        TestDisk disk = new TestDisk(files, SMALL, new ReplicaRules());
        SegmentId kept = TestDisk.segment(1_000_000);
        long keptEntries = 0;
        TestDisk.Writer keeper = new TestDisk.Writer();
        for (long number = 0; number < 150; number++) {
            TestDisk.Writer link = new TestDisk.Writer();
            for (long entry = 0; entry < 10; entry++) {
                ByteBuf payload = TestDisk.payload(entry, 20_000);
                SegmentId other = new SegmentId(new PartitionId(TestDisk.PARTITION.topic(), 9), number);
                disk.core.append(link, entry + 1, List.of(TestDisk.header(other, entry, 1, payload)), payload);
                disk.sync();
            }
            disk.append(keeper, keptEntries + 1, kept, keptEntries, 1);
            keptEntries++;
            disk.core.drop(new PartitionId(TestDisk.PARTITION.topic(), 9), number, () -> {});
            disk.sync();
            if (number % 10 == 9) {
                files.crash(random);
                disk = new TestDisk(files, SMALL, new ReplicaRules());
                disk.sync();
                keeper = new TestDisk.Writer();
            }
        }
        assertThat(keeper.refusals).isEmpty();
        assertThat(disk.verify(kept)).isEqualTo(keptEntries - 1);
        assertThat(disk.engine.space().usedBytes()).isLessThan(SMALL.limitBytes());
    }
}
