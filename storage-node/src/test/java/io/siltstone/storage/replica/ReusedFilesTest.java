package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.SegmentId;
import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import io.siltstone.storage.journal.WrappedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Which of its empty files a journal writes to. */
class ReusedFilesTest {

    private static final int FILE_BYTES = 256 << 10;
    private static final int ENTRY_BYTES = 60_000;
    private static final int ENTRIES_OF_A_FILE = FILE_BYTES / ENTRY_BYTES;
    private static final int BACKLOG_FILES = 40;

    private final Set<String> written = new TreeSet<>();
    private final TestDisk.Writer writer = new TestDisk.Writer();

    private final WrappedFiles files = new WrappedFiles(new VolatileFiles()) {
        @Override
        protected JournalFile wrap(String name, JournalFile file) {
            return new WrappedFile(file) {
                @Override
                public void write(ByteBuffer[] buffers, int count, long position) throws IOException {
                    written.add(name);
                    super.write(buffers, count, position);
                }
            };
        }
    };

    @Test
    void aLightLoadLeavesAloneWhatABacklogHadFilled() throws IOException {
        // given a disk on which a backlog has left its files empty
        TestDisk disk = new TestDisk(files, new JournalSettings(FILE_BYTES, 100L * FILE_BYTES), new ReplicaRules());
        fill(disk, TestDisk.segment(1), BACKLOG_FILES);
        dropBelow(disk, 2);
        written.clear();

        // when as much again goes through it bit by bit
        for (int segment = 2; segment < 2 + BACKLOG_FILES; segment++) {
            fill(disk, TestDisk.segment(segment), 1);
            dropBelow(disk, segment + 1);
        }

        // then
        written.removeIf(name -> !name.startsWith("journal-"));
        assertThat(written).hasSizeBetween(2, BACKLOG_FILES / 3);
    }

    private void fill(TestDisk disk, SegmentId segment, int filesFull) throws IOException {
        for (long entry = 0; entry < (long) filesFull * ENTRIES_OF_A_FILE; entry++) {
            ByteBuf payload = TestDisk.payload(entry, ENTRY_BYTES);
            disk.core.append(writer, entry + 1, List.of(TestDisk.header(segment, entry, 1, payload)), payload);
            disk.sync();
            disk.engine.maintain();
        }
    }

    private static void dropBelow(TestDisk disk, long segment) throws IOException {
        disk.core.drop(TestDisk.PARTITION, segment, () -> {});
        disk.sync();
        disk.engine.maintain();
    }
}
