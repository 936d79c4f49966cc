package io.siltstone.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * A checkpoint's first bytes, which are written last. They tell where it ends, for behind its end lies what its file held
 * before.
 *
 * @param endBytes where the content ends, which begins behind this header
 * @param crc of the content
 */
record CheckpointHeader(long endBytes, int crc) {

    static final int BYTES = 24;

    private static final long MAGIC = 0x53494c5443484b50L; // SILTCHKP
    private static final int VERSION = 2;

    void writeTo(JournalFile file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(BYTES)
                .putLong(MAGIC)
                .putInt(VERSION)
                .putLong(endBytes)
                .putInt(crc)
                .flip();
        file.write(new ByteBuffer[] {header}, 1, 0);
    }

    /**
     * Nothing where it is damaged for certain.
     *
     * @throws IOException it is of another version
     */
    static Optional<CheckpointHeader> readFrom(JournalFile file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(BYTES);
        if (file.read(header, 0) < BYTES || header.flip().getLong() != MAGIC) {
            return Optional.empty();
        }
        int version = header.getInt();
        if (version != VERSION) {
            throw new IOException("a checkpoint of version " + version + ": this program reads version " + VERSION);
        }
        long endBytes = header.getLong();
        return endBytes < BYTES || endBytes > file.sizeBytes()
                ? Optional.empty()
                : Optional.of(new CheckpointHeader(endBytes, header.getInt()));
    }
}
