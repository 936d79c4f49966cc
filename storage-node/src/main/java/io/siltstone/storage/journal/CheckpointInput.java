package io.siltstone.storage.journal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** A checkpoint as it is read, front to back. */
public final class CheckpointInput {

    private final JournalFile file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10).limit(0);
    private long read;

    CheckpointInput(JournalFile file) {
        this.file = file;
    }

    /** Whether the file ends with the checksum of what is before. */
    static boolean isWhole(JournalFile file) throws IOException {
        long content = file.sizeBytes() - Integer.BYTES;
        if (content <= 0) {
            return false;
        }
        CRC32C crc = new CRC32C();
        ByteBuffer part = ByteBuffer.allocateDirect(256 << 10);
        for (long at = 0; at < content; ) {
            part.clear().limit((int) Math.min(part.capacity(), content - at));
            at += file.read(part, at);
            crc.update(part.flip());
        }
        part.clear().limit(Integer.BYTES);
        file.read(part, content);
        return part.getInt(0) == (int) crc.getValue();
    }

    public byte getByte() throws IOException {
        return available(Byte.BYTES).get();
    }

    public int getInt() throws IOException {
        return available(Integer.BYTES).getInt();
    }

    public long getLong() throws IOException {
        return available(Long.BYTES).getLong();
    }

    public void getLongs(long[] target, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            target[i] = getLong();
        }
    }

    public void getInts(int[] target, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            target[i] = getInt();
        }
    }

    public void getBytes(byte[] target, int count) throws IOException {
        int at = 0;
        while (at < count) {
            int part = Math.min(count - at, available(1).remaining());
            buffer.get(target, at, part);
            at += part;
        }
    }

    private ByteBuffer available(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            buffer.compact();
            read += file.read(buffer, read);
            buffer.flip();
            if (buffer.remaining() < bytes) {
                throw new EOFException("a checkpoint ends in the middle of a value");
            }
        }
        return buffer;
    }
}
