package io.siltstone.storage.journal;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Port: an open file. One thread writes and forces; any thread reads. */
public interface JournalFile extends Closeable {

    long sizeBytes() throws IOException;

    /**
     * Writes the remaining bytes of the buffers, one after the other; all of them or it throws.
     *
     * @param count how many of the array's first buffers
     * @param position where the first byte goes
     * @throws JournalFiles.NoRoomException the file would have to grow and there is no room; a part may be written
     */
    void write(ByteBuffer[] buffers, int count, long position) throws IOException;

    /**
     * Fills the buffer from a position on.
     *
     * @return bytes read; fewer than remained only where the file ends
     */
    int read(ByteBuffer target, long position) throws IOException;

    /** Makes everything written before durable. */
    void force() throws IOException;
}
