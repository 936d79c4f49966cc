package io.siltstone.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A checkpoint as it is written over what a file holds: its content front to back, then its header. */
public final class CheckpointOutput {

    private final JournalFile file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10);
    private final CRC32C crc = new CRC32C();
    private long written = CheckpointHeader.BYTES;

    CheckpointOutput(JournalFile file) {
        this.file = file;
    }

    public CheckpointOutput putByte(int value) throws IOException {
        room(Byte.BYTES).put((byte) value);
        return this;
    }

    public CheckpointOutput putInt(int value) throws IOException {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    public CheckpointOutput putLong(long value) throws IOException {
        room(Long.BYTES).putLong(value);
        return this;
    }

    public CheckpointOutput putLongs(long[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            putLong(values[i]);
        }
        return this;
    }

    public CheckpointOutput putInts(int[] values, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            putInt(values[i]);
        }
        return this;
    }

    public CheckpointOutput putBytes(byte[] values, int count) throws IOException {
        int at = 0;
        while (at < count) {
            int part = Math.min(count - at, room(1).remaining());
            buffer.put(values, at, part);
            at += part;
        }
        return this;
    }

    /** Writes the header and makes everything durable; tells the checkpoint's size. */
    long finish() throws IOException {
        flush();
        new CheckpointHeader(written, (int) crc.getValue()).writeTo(file);
        file.force();
        return written;
    }

    private ByteBuffer room(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            flush();
        }
        return buffer;
    }

    private void flush() throws IOException {
        buffer.flip();
        crc.update(buffer.duplicate());
        int bytes = buffer.remaining();
        file.write(new ByteBuffer[] {buffer}, 1, written);
        written += bytes;
        buffer.clear();
    }
}
