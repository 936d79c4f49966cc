package io.siltstone.client.stream;

import io.siltstone.format.BatchHeader;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.MalformedBatchException;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.Section;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Takes a block's bytes piece by piece and gives out its batches, each checked by its own CRC and its place before
 * anyone sees it; the block's CRC is checked with its last piece.
 *
 * <p>Confined to the replay's thread.
 */
final class BlockDecoder {

    private static final int LENGTH_END = 12;

    private final String key;
    private final BlockEntry block;
    private final CRC32C crc = new CRC32C();
    private ByteBuffer bytes = ByteBuffer.allocate(0);
    private long nextOffset;
    private boolean complete;

    BlockDecoder(String key, BlockEntry block) {
        this.key = key;
        this.block = block;
        this.nextOffset = block.baseOffset();
    }

    void add(Piece piece, ByteBuffer arrived) {
        ByteBuffer part = arrived.duplicate();
        if (piece.skip() > 0) {
            piece.object().checkHeader(part);
            part.position(part.position() + piece.skip());
        }
        Section snapshot = piece.object().index().producerSnapshot();
        if (piece.rest() > 0 && snapshot != null) {
            part.limit(part.limit() - piece.rest());
            piece.object().verify(snapshot, arrived.slice(part.limit(), piece.rest()));
        }
        crc.update(part.duplicate());
        bytes = bytes.hasRemaining() ? joined(bytes, part) : part.slice();
        if (piece.last()) {
            complete = true;
            if ((int) crc.getValue() != block.crc32c()) {
                throw corrupt(firstWrongOffset(), "the CRC32C of the block's bytes does not match its index");
            }
        }
    }

    /** The next batch; null where more pieces are needed or the block is over. */
    @Nullable
    ByteBuffer nextBatch() {
        if (!complete && bytes.remaining() < LENGTH_END) {
            return null;
        }
        if (!bytes.hasRemaining()) {
            return null;
        }
        BatchHeader batch = wholeBatch();
        if (batch == null) {
            return null;
        }
        ByteBuffer found = batch.bytes();
        nextOffset = batch.endOffset();
        bytes.position(bytes.position() + batch.sizeBytes());
        return found;
    }

    /** Everything was given out. */
    boolean isOver() {
        return complete && !bytes.hasRemaining();
    }

    private @Nullable BatchHeader wholeBatch() {
        if (!complete && bytes.remaining() < LENGTH_END + (long) bytes.getInt(bytes.position() + 8)) {
            return null;
        }
        BatchHeader batch;
        try {
            batch = BatchHeader.at(bytes, bytes.position());
        } catch (MalformedBatchException e) {
            throw corrupt(nextOffset, String.valueOf(e.getMessage()));
        }
        if (batch.baseOffset() < nextOffset || batch.endOffset() > block.endOffset() || !batch.hasValidCrc()) {
            throw corrupt(nextOffset, batch + " has a wrong CRC or is out of place");
        }
        return batch;
    }

    /** The batches that are left tell where the fault is, unless it is in what was given out already. */
    private long firstWrongOffset() {
        ByteBuffer rest = bytes.duplicate();
        long next = nextOffset;
        try {
            for (BatchHeader batch : BatchHeader.in(rest)) {
                if (batch.baseOffset() < next || !batch.hasValidCrc()) {
                    return next;
                }
                next = batch.endOffset();
            }
        } catch (MalformedBatchException e) {
            return next;
        }
        return block.baseOffset();
    }

    private CorruptObjectException corrupt(long offset, String what) {
        return new CorruptObjectException(key, block.number(), offset, what);
    }

    private static ByteBuffer joined(ByteBuffer left, ByteBuffer right) {
        return ByteBuffer.allocate(left.remaining() + right.remaining())
                .put(left)
                .put(right)
                .flip();
    }
}
