package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.NumberedFile;
import io.siltstone.storage.journal.RecordFormat;
import io.siltstone.storage.journal.VolatileFiles;
import io.siltstone.storage.journal.WrappedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryReaderTest {

    private static final int ENTRIES = 5;

    private final UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false);
    private final VolatileFiles files = new VolatileFiles();

    /** A file whose reads end in what nobody foresaw. */
    private static final class BrokenFile extends WrappedFiles.WrappedFile {

        private final Runnable failure;

        BrokenFile(JournalFile file, Runnable failure) {
            super(file);
            this.failure = failure;
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            failure.run();
            return super.read(target, position);
        }
    }

    /** Reads a range of some entries, and then one that fails. */
    private ReadResult readThenFail(Runnable failure) throws IOException {
        TestDisk disk = new TestDisk(files);
        TestDisk.Writer writer = new TestDisk.Writer();
        int bytes = 0;
        for (long entry = 0; entry < ENTRIES; entry++) {
            disk.append(writer, entry + 1, TestDisk.segment(1), entry, 1);
            bytes += RecordFormat.HEADER_BYTES
                    + TestDisk.payloadOf(TestDisk.segment(1), entry).readableBytes();
        }
        disk.sync();
        JournalFile file = files.open("journal-000001");
        NumberedFile whole = new NumberedFile("journal-000001", 1, 7, file.sizeBytes(), file);
        NumberedFile broken = new NumberedFile("journal-000002", 2, 8, 4096, new BrokenFile(file, failure));
        return new EntryReader(buffers)
                .read(new ReadPlan(
                        TestDisk.segment(1),
                        List.of(new ReadPlan.Range(whole, 4096 + 40, bytes), new ReadPlan.Range(broken, 4096, 1000)),
                        0,
                        0,
                        0,
                        99,
                        1 << 20));
    }

    @Test
    void unforeseenFailureIsAResultAndKeepsNothingOfWhatWasRead() throws IOException {
        assertThat(readThenFail(() -> {
                    throw new IllegalStateException("unforeseen");
                }))
                .isEqualTo(new ReadResult.Damaged("unforeseen"));
        assertThat(buffers.metric().usedDirectMemory()).isZero();
    }

    @Test
    void readThatFindsNoMemoryOnItsWayIsBusyAndKeepsNothingOfWhatWasRead() throws IOException {
        assertThat(readThenFail(() -> {
                    throw new OutOfMemoryError("no direct memory");
                }))
                .isEqualTo(new ReadResult.Busy());
        assertThat(buffers.metric().usedDirectMemory()).isZero();
    }
}
