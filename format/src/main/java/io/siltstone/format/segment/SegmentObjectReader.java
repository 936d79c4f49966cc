package io.siltstone.format.segment;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import io.siltstone.format.BatchHeader;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.Crc32c;
import io.siltstone.format.MalformedBatchException;
import io.siltstone.format.manifest.ManifestRange;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a segment object from parts of its bytes that the caller fetches: the tail first, then the blocks that the
 * index names. Each part is checked by itself; every error names the object, the block and the offset.
 *
 * <p>Immutable.
 */
public final class SegmentObjectReader {

    private final String object;
    private final SegmentIndex index;

    private SegmentObjectReader(String object, SegmentIndex index) {
        this.object = object;
        this.index = index;
    }

    /**
     * Where the index starts, told by the object's last {@link SegmentObjectFormat#FOOTER_BYTES} bytes or more.
     *
     * @throws CorruptObjectException where they are no footer of an object of that length
     */
    public static long indexPosition(String object, long objectBytes, ByteBuffer tail) {
        return footer(object, objectBytes, tail).indexPosition;
    }

    /**
     * Checks footer and index.
     *
     * @param tail the object's last bytes, at least from its index on
     * @throws CorruptObjectException where index or footer is not what was written
     */
    public static SegmentObjectReader open(String object, long objectBytes, ByteBuffer tail) {
        Footer footer = footer(object, objectBytes, tail);
        long tailPosition = objectBytes - tail.remaining();
        if (footer.indexPosition < tailPosition) {
            throw new IllegalArgumentException("the tail of " + object + " starts at " + tailPosition
                    + ", behind its index at " + footer.indexPosition);
        }
        ByteBuffer encoded =
                tail.slice(tail.position() + Math.toIntExact(footer.indexPosition - tailPosition), footer.indexLength);
        if (Crc32c.of(encoded) != footer.indexCrc) {
            throw corrupt(object, "the CRC32C of its index does not match");
        }
        SegmentIndex index;
        try {
            index = SegmentIndexCodec.decode(encoded);
        } catch (IllegalArgumentException e) {
            throw corrupt(object, "its index is wrong: " + e.getMessage());
        }
        Section snapshot = index.producerSnapshot();
        long blocksEnd = index.blocks().isEmpty()
                ? SegmentObjectFormat.HEADER_BYTES
                : last(index.blocks()).position() + last(index.blocks()).length();
        long sectionsEnd = snapshot == null ? blocksEnd : snapshot.position() + snapshot.length();
        if (sectionsEnd != footer.indexPosition || (snapshot != null && snapshot.position() != blocksEnd)) {
            throw corrupt(object, "its parts end at " + sectionsEnd + ", its index starts at " + footer.indexPosition);
        }
        return new SegmentObjectReader(object, index);
    }

    /**
     * As {@link #open}, for the object that a manifest range names.
     *
     * @param tail the bytes from the range's index position to the end
     * @throws CorruptObjectException also where this is another object than the one that the manifest means
     */
    public static SegmentObjectReader open(ManifestRange range, ByteBuffer tail) {
        long expected = range.bytes() - range.indexPosition();
        if (tail.remaining() != expected) {
            throw corrupt(range, "its tail has " + tail.remaining() + " bytes, the manifest says " + expected);
        }
        SegmentObjectReader reader;
        try {
            reader = open(range.key(), range.bytes(), tail);
        } catch (CorruptObjectException e) {
            throw corrupt(range, e.what());
        }
        SegmentIndex index = reader.index;
        if (footer(range.key(), range.bytes(), tail).indexCrc != range.indexCrc32c()
                || index.baseOffset() != range.baseOffset()
                || index.endOffset() != range.endOffset()) {
            throw corrupt(
                    range,
                    "it is another object than the manifest means: it holds offsets " + index.baseOffset() + " to "
                            + index.endOffset() + ", the manifest says " + range.baseOffset() + " to "
                            + range.endOffset());
        }
        return reader;
    }

    /**
     * Checks the object's first bytes.
     *
     * @throws CorruptObjectException where the object's first bytes are not a header
     */
    public void checkHeader(ByteBuffer header) {
        ByteBuffer expected = SegmentObjectFormat.header();
        if (header.remaining() < expected.remaining()
                || !header.slice(header.position(), expected.remaining()).equals(expected)) {
            throw corrupt("it does not start with the header of a segment object of version 1");
        }
    }

    public SegmentIndex index() {
        return index;
    }

    /**
     * Checks a block's bytes, from the buffer's position to its limit.
     *
     * @throws CorruptObjectException naming the first offset that cannot be trusted
     */
    public void verify(BlockEntry block, ByteBuffer bytes) {
        if (bytes.remaining() != block.length()) {
            throw new CorruptObjectException(
                    object,
                    block.number(),
                    block.baseOffset(),
                    "it has " + bytes.remaining() + " bytes of this block, the index says " + block.length());
        }
        if (Crc32c.of(bytes) != block.crc32c()) {
            throw new CorruptObjectException(
                    object,
                    block.number(),
                    firstWrongOffset(block, bytes),
                    "the CRC32C of the block's bytes does not match its index");
        }
    }

    /** As {@link #verify}, and the CRC and the offsets of every batch in the block. */
    public void verifyBatches(BlockEntry block, ByteBuffer bytes) {
        verify(block, bytes);
        long next = block.baseOffset();
        try {
            for (BatchHeader batch : BatchHeader.in(bytes)) {
                if (batch.baseOffset() < next || batch.endOffset() > block.endOffset() || !batch.hasValidCrc()) {
                    throw new CorruptObjectException(
                            object, block.number(), next, batch + " has a wrong CRC or is out of place");
                }
                next = batch.endOffset();
            }
        } catch (MalformedBatchException e) {
            throw new CorruptObjectException(object, block.number(), next, String.valueOf(e.getMessage()));
        }
    }

    /**
     * Checks the producer snapshot's bytes.
     *
     * @throws CorruptObjectException where the producer snapshot's bytes are not what was written
     */
    public void verify(Section section, ByteBuffer bytes) {
        if (bytes.remaining() != section.length() || Crc32c.of(bytes) != section.crc32c()) {
            throw corrupt("the CRC32C of its producer snapshot does not match");
        }
    }

    private static long firstWrongOffset(BlockEntry block, ByteBuffer bytes) {
        long next = block.baseOffset();
        try {
            for (BatchHeader batch : BatchHeader.in(bytes)) {
                if (batch.baseOffset() < next || batch.endOffset() > block.endOffset() || !batch.hasValidCrc()) {
                    return next;
                }
                next = batch.endOffset();
            }
        } catch (MalformedBatchException e) {
            return next;
        }
        return block.baseOffset();
    }

    private static BlockEntry last(List<BlockEntry> blocks) {
        return blocks.get(blocks.size() - 1);
    }

    private static Footer footer(String object, long objectBytes, ByteBuffer tail) {
        if (tail.remaining() < SegmentObjectFormat.FOOTER_BYTES || objectBytes < tail.remaining()) {
            throw corrupt(object, "it is too short for a footer: " + tail.remaining() + " bytes of " + objectBytes);
        }
        ByteBuffer footer =
                tail.slice(tail.limit() - SegmentObjectFormat.FOOTER_BYTES, SegmentObjectFormat.FOOTER_BYTES);
        byte[] magic = new byte[SegmentObjectFormat.FOOTER_MAGIC.length];
        footer.get(SegmentObjectFormat.FOOTER_CRC_AT + 4, magic);
        if (!Arrays.equals(magic, SegmentObjectFormat.FOOTER_MAGIC)) {
            throw corrupt(object, "it does not end with the footer of a segment object");
        }
        if (footer.getInt(SegmentObjectFormat.FOOTER_CRC_AT)
                != Crc32c.of(footer.slice(0, SegmentObjectFormat.FOOTER_CRC_AT))) {
            throw corrupt(object, "the CRC32C of its footer does not match");
        }
        if (footer.getInt(16) != SegmentObjectFormat.VERSION) {
            throw corrupt(object, "its format version is " + footer.getInt(16) + ", this reader knows 1");
        }
        Footer found = new Footer(footer.getLong(0), footer.getInt(8), footer.getInt(12));
        if (found.indexPosition + found.indexLength != objectBytes - SegmentObjectFormat.FOOTER_BYTES) {
            throw corrupt(object, "it has " + objectBytes + " bytes, its index ends elsewhere");
        }
        return found;
    }

    private CorruptObjectException corrupt(String what) {
        return new CorruptObjectException(object, NO_BLOCK, index.baseOffset(), what);
    }

    private static CorruptObjectException corrupt(String object, String what) {
        return new CorruptObjectException(object, NO_BLOCK, NO_OFFSET, what);
    }

    private static CorruptObjectException corrupt(ManifestRange range, String what) {
        return new CorruptObjectException(range.key(), NO_BLOCK, range.baseOffset(), what);
    }

    private record Footer(long indexPosition, int indexLength, int indexCrc) {}
}
