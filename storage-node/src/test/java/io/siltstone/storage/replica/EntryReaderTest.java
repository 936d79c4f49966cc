package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.NumberedFile;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

class EntryReaderTest {

    private static final ReadPlan PLAN = new ReadPlan(
            TestDisk.segment(1),
            List.of(new ReadPlan.Range(new NumberedFile("journal-000001", 1, 7, 4096, new BrokenFile()), 0, 1000)),
            0,
            0,
            0,
            9,
            1000);

    /** A file whose reads end in what nobody foresaw. */
    private static final class BrokenFile implements JournalFile {

        @Override
        public long sizeBytes() {
            return 4096;
        }

        @Override
        public void write(ByteBuffer[] buffers, int count, long position) {}

        @Override
        public int read(ByteBuffer target, long position) {
            throw new IllegalStateException("unforeseen");
        }

        @Override
        public void force() {}

        @Override
        public void close() {}
    }

    @Test
    void unforeseenFailureIsAResult() {
        EntryReader reader = new EntryReader(UnpooledByteBufAllocator.DEFAULT);

        assertThat(reader.read(PLAN)).isEqualTo(new ReadResult.Damaged("unforeseen"));
    }
}
