package io.siltstone.storage.replica;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.FileChannelJournalFiles;
import io.siltstone.storage.journal.Journal;
import io.siltstone.storage.journal.JournalAddress;
import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.journal.JournalItem;
import io.siltstone.storage.journal.JournalPosition;
import io.siltstone.storage.journal.JournalQueue;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.RecordFormat;
import io.siltstone.storage.journal.WrappedFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A start on the index of a full disk, whose entries are small. The payloads themselves are not there. */
class LargeIndexTest {

    private static final int SEGMENTS = 1_000;
    private static final int ENTRIES = 10_000;
    private static final int PAYLOAD_BYTES = 1_000;
    private static final JournalSettings JOURNAL = new JournalSettings(1L << 30, 32L << 30);

    @TempDir
    Path folder;

    /** Journal files that claim their size and take no space. */
    private static final class HollowFiles extends WrappedFiles {

        HollowFiles(JournalFiles files) {
            super(files);
        }

        private static boolean isJournal(String name) {
            return name.startsWith("journal-");
        }

        @Override
        public JournalFile create(String name, long sizeBytes) throws IOException {
            return super.create(name, isJournal(name) ? 1 << 20 : sizeBytes);
        }

        @Override
        protected JournalFile wrap(String name, JournalFile file) {
            return isJournal(name) ? new HollowFile(file) : file;
        }
    }

    private static final class HollowFile extends WrappedFiles.WrappedFile {

        HollowFile(JournalFile file) {
            super(file);
        }

        @Override
        public long sizeBytes() {
            return JOURNAL.fileBytes();
        }
    }

    @Test
    void tenMillionEntriesAreServedWithinSeconds() throws IOException {
        HollowFiles files = new HollowFiles(new FileChannelJournalFiles(folder));
        fill(files);
        long start = System.nanoTime();
        ReplicaEngine engine =
                ReplicaEngine.startInline(files, TestDisk.DISK, JOURNAL, new ReplicaRules(), new Random(2));
        long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        SegmentStat stat = engine.core().stat(segment(SEGMENTS - 1));
        assertThat(stat.code()).isEqualTo(Code.OK);
        assertThat(stat.lastEntry()).isEqualTo(ENTRIES - 1);
        assertThat(engine.space().liveBytes())
                .isEqualTo((long) SEGMENTS * ENTRIES * (RecordFormat.HEADER_BYTES + PAYLOAD_BYTES));
        assertThat(tookMs).as("milliseconds to start").isLessThan(10_000);
        engine.close();
    }

    private static SegmentId segment(int number) {
        return new SegmentId(new PartitionId(new UUID(4, 4), number), 0);
    }

    /** Entries of all segments in turn, so that each lies alone. */
    private static void fill(JournalFiles files) throws IOException {
        SegmentStore store = new SegmentStore();
        Journal journal = Journal.open(files, TestDisk.DISK, JOURNAL, new Random(1), store);
        JournalQueue queue = new JournalQueue();
        queue.add(new JournalItem.Drop(TestDisk.PARTITION, 1));
        JournalGroup group = requireNonNull(queue.take(1));
        journal.writer().write(group);
        journal.writer().force();
        journal.space().written(group);
        long fileNumber = group.file().number();
        for (int entry = 0; entry < ENTRIES; entry++) {
            for (int segment = 0; segment < SEGMENTS; segment++) {
                // The addresses wrap: nobody reads there.
                long position = ((long) entry * SEGMENTS + segment) * PAYLOAD_BYTES % JOURNAL.fileBytes();
                store.entry(
                        new EntryHeader(
                                segment(segment),
                                entry,
                                1,
                                entry - 1,
                                entry,
                                1,
                                1,
                                EntryKind.BATCHES,
                                0,
                                0,
                                0,
                                PAYLOAD_BYTES),
                        JournalAddress.of(fileNumber, position));
            }
        }
        journal.checkpoints().write(JournalPosition.after(group), store.view());
        journal.space().close();
    }
}
