package io.siltstone.client.stream;

import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.Section;
import io.siltstone.format.segment.SegmentObjectFormat;
import io.siltstone.format.segment.SegmentObjectReader;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the blocks of one object, from the one that holds an offset to the last that is wanted, into pieces to read.
 *
 * <p>Confined to the replay's thread.
 */
final class ReadPlan {

    private final RangeReader reader;
    private final long from;
    private final long to;
    private final CompletableFuture<SegmentObjectReader> opening;
    private int nextBlock = -1;
    private int nextInBlock;

    /** Starts to read the index. */
    ReadPlan(RangeReader reader, long from, long to) {
        this.reader = reader;
        this.from = from;
        this.to = to;
        this.opening = reader.open();
    }

    ManifestRange object() {
        return reader.object();
    }

    CompletableFuture<SegmentObjectReader> opening() {
        return opening;
    }

    /**
     * How much the next piece takes; 0 where all is asked for. The object's last piece takes the producer snapshot along,
     * so that it is checked too. Only once the index is there.
     */
    int nextLength(int pieceBytes) {
        SegmentObjectReader object = opening.join();
        BlockEntry block = block(object);
        if (block == null) {
            return 0;
        }
        int left = block.length() - nextInBlock;
        return left > pieceBytes ? pieceBytes : left + restBehind(object, block);
    }

    /** Asks for the next piece, of the length that {@link #nextLength} told. */
    Piece read(int length) {
        SegmentObjectReader object = opening.join();
        BlockEntry block = block(object);
        if (block == null) {
            throw new IllegalStateException("all of " + object().key() + " is asked for already");
        }
        long position = block.position() + nextInBlock;
        boolean first = nextInBlock == 0;
        int skip = position == SegmentObjectFormat.HEADER_BYTES ? SegmentObjectFormat.HEADER_BYTES : 0;
        int rest = Math.max(0, length - (block.length() - nextInBlock));
        nextInBlock += length - rest;
        boolean last = nextInBlock == block.length();
        CompletableFuture<ByteBuffer> bytes = reader.read(position - skip, length + skip);
        if (last) {
            nextBlock++;
            nextInBlock = 0;
        }
        return new Piece(object, object().key(), block, length, skip, rest, first, last, bytes);
    }

    private static int restBehind(SegmentObjectReader object, BlockEntry block) {
        Section snapshot = object.index().producerSnapshot();
        return snapshot != null && snapshot.position() == block.position() + block.length() ? snapshot.length() : 0;
    }

    private @Nullable BlockEntry block(SegmentObjectReader object) {
        List<BlockEntry> blocks = object.index().blocks();
        if (nextBlock < 0) {
            nextBlock =
                    object.index().blockByOffset(from).map(BlockEntry::number).orElse(blocks.size());
        }
        return nextBlock < blocks.size() && blocks.get(nextBlock).baseOffset() < to ? blocks.get(nextBlock) : null;
    }
}
