package io.siltstone.storage.journal;

import io.siltstone.log.DiskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A journal file's first block. A file that is used again gets a new one, whose epoch tells its groups from those that
 * still lie there.
 *
 * @param disk the disk that wrote it
 * @param number its place in the order of files, never used twice by a disk
 * @param epoch drawn at random for each use of the file
 */
record JournalFileHeader(DiskId disk, long number, long epoch) {

    /** Groups start at multiples of this, the first behind the header. */
    static final int BLOCK_BYTES = 4096;

    private static final long MAGIC = 0x53494c544a524e4cL; // SILTJRNL
    private static final int VERSION = 1;
    private static final int CRC_AT = 8 + 4 + DiskId.BYTES + 8 + 8;

    void writeTo(JournalFile file) throws IOException {
        ByteBuffer block = ByteBuffer.allocateDirect(BLOCK_BYTES);
        block.putLong(MAGIC).putInt(VERSION).put(disk.toBytes()).putLong(number).putLong(epoch);
        block.putInt(crc(block));
        file.write(new ByteBuffer[] {block.clear()}, 1, 0);
        file.force();
    }

    /** Nothing where the block is damaged or was never written whole. */
    static Optional<JournalFileHeader> readFrom(JournalFile file) throws IOException {
        ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
        if (file.read(block, 0) < BLOCK_BYTES) {
            return Optional.empty();
        }
        block.flip();
        if (block.getLong() != MAGIC || block.getInt(CRC_AT) != crc(block)) {
            return Optional.empty();
        }
        int version = block.getInt();
        if (version != VERSION) {
            throw new IOException("a journal file of version " + version + ": this program reads version " + VERSION);
        }
        byte[] disk = new byte[DiskId.BYTES];
        block.get(disk);
        return Optional.of(
                new JournalFileHeader(DiskId.fromBytes(ByteBuffer.wrap(disk)), block.getLong(), block.getLong()));
    }

    private static int crc(ByteBuffer block) {
        CRC32C crc = new CRC32C();
        crc.update(block.duplicate().position(0).limit(CRC_AT));
        return (int) crc.getValue();
    }
}
