package io.siltstone.storage.journal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/** A checkpoint's content as it is read, front to back. */
public final class CheckpointInput {

    private final JournalFile file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(256 << 10).limit(0);
    private final long end;
    private long read = CheckpointHeader.BYTES;

    private CheckpointInput(JournalFile file, long end) {
        this.file = file;
        this.end = end;
    }

    /**
     * Opens the checkpoint that the file holds; nothing where that is damaged.
     *
     * @throws IOException it is of another version, or cannot be read
     */
    static Optional<CheckpointInput> open(JournalFile file) throws IOException {
        Optional<CheckpointHeader> header = CheckpointHeader.readFrom(file);
        if (header.isEmpty()) {
            return Optional.empty();
        }
        long end = header.get().endBytes();
        CRC32C crc = new CRC32C();
        ByteBuffer part = ByteBuffer.allocateDirect(256 << 10);
        for (long at = CheckpointHeader.BYTES; at < end; ) {
            part.clear().limit((int) Math.min(part.capacity(), end - at));
            at += file.read(part, at);
            crc.update(part.flip());
        }
        return header.get().crc() == (int) crc.getValue()
                ? Optional.of(new CheckpointInput(file, end))
                : Optional.empty();
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
            buffer.limit((int) Math.min(buffer.capacity(), buffer.position() + end - read));
            read += file.read(buffer, read);
            buffer.flip();
            if (buffer.remaining() < bytes) {
                throw new EOFException("a checkpoint ends in the middle of a value");
            }
        }
        return buffer;
    }
}
