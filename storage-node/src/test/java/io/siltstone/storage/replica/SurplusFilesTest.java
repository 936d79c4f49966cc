package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.SegmentId;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A disk from which what it held was dropped: its files go back to the file system, but not while they are needed. */
class SurplusFilesTest {

    private static final JournalSettings SETTINGS = new JournalSettings(256 << 10, 100 * (256 << 10));
    private static final int HEAD_AND_EMPTY_FILES = 1 + 5;
    private static final int LONG_TICKS = 400;
    private static final int ENTRY_BYTES = 60_000;
    private static final int ENTRIES_OF_A_FILE = (256 << 10) / ENTRY_BYTES;

    private final VolatileFiles files = new VolatileFiles();
    private final TestDisk.Writer writer = new TestDisk.Writer();

    private TestDisk start() throws IOException {
        return new TestDisk(files, SETTINGS, new ReplicaRules());
    }

    private void append(TestDisk disk, SegmentId segment, int entries) throws IOException {
        for (long entry = 0; entry < entries; entry++) {
            ByteBuf payload = TestDisk.payload(entry, ENTRY_BYTES);
            disk.core.append(writer, entry + 1, List.of(TestDisk.header(segment, entry, 1, payload)), payload);
            disk.sync();
        }
    }

    private static void dropBelow(TestDisk disk, long segment) throws IOException {
        disk.core.drop(TestDisk.PARTITION, segment, () -> {});
        disk.sync();
    }

    private Set<String> journalFiles() {
        Set<String> names = new HashSet<>(files.list());
        names.removeIf(name -> !name.startsWith("journal-"));
        return names;
    }

    private static void wait(TestDisk disk, int ticks) {
        for (int tick = 0; tick < ticks; tick++) {
            disk.engine.maintain();
        }
    }

    @Test
    void filesOfWhatWasDroppedLeaveTheDiskWhenNobodyNeedsThem() throws IOException {
        // given
        TestDisk disk = start();
        append(disk, TestDisk.segment(1), 30 * ENTRIES_OF_A_FILE);
        append(disk, TestDisk.segment(2), 1);
        wait(disk, LONG_TICKS);
        assertThat(journalFiles()).hasSizeGreaterThan(30);

        // when
        dropBelow(disk, 2);
        wait(disk, LONG_TICKS);

        // then
        assertThat(journalFiles()).hasSizeLessThanOrEqualTo(HEAD_AND_EMPTY_FILES + 1);
        files.crash(new Random(1));
        assertThat(start().readAndRelease(TestDisk.segment(2), 0, 0, 100_000)).hasSize(1);
    }

    @Test
    void filesThatComeFreeInTurnAreUsedAgain() throws IOException {
        // given a load that drops as much as it writes
        TestDisk disk = start();
        Set<String> seen = new HashSet<>();
        for (int segment = 1; segment <= 40; segment++) {
            append(disk, TestDisk.segment(segment), 10 * ENTRIES_OF_A_FILE);
            dropBelow(disk, segment);
            wait(disk, 30);
            seen.addAll(journalFiles());
        }

        // then no file was made in place of one that was given back
        assertThat(seen).hasSizeLessThan(40);
        assertThat(journalFiles()).isEqualTo(seen);
    }

    @Test
    void nothingIsGivenBackWhileOthersKeepTheFileSystemFull() throws IOException {
        // given
        TestDisk disk = start();
        append(disk, TestDisk.segment(1), 30 * ENTRIES_OF_A_FILE);
        files.limit(files.usedBytes());
        append(disk, TestDisk.segment(2), 10 * ENTRIES_OF_A_FILE);
        Set<String> before = journalFiles();

        // when
        dropBelow(disk, 3);
        wait(disk, LONG_TICKS);

        // then
        assertThat(journalFiles()).isEqualTo(before);
    }
}
