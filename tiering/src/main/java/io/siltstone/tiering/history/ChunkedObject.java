package io.siltstone.tiering.history;

import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.SegmentObjectReader;
import java.util.ArrayList;
import java.util.List;

/** An opened segment object and how its blocks are grouped into the chunks that one read each fetches. Immutable. */
final class ChunkedObject {

    /** Neighbouring blocks, read together. */
    record Chunk(int number, List<BlockEntry> blocks, long position, int length) {

        long baseOffset() {
            return blocks.get(0).baseOffset();
        }

        long endOffset() {
            return blocks.get(blocks.size() - 1).endOffset();
        }
    }

    private final ManifestRange range;
    private final SegmentObjectReader reader;
    private final List<Chunk> chunks = new ArrayList<>();
    private final int[] chunkOfBlock;

    ChunkedObject(ManifestRange range, SegmentObjectReader reader, int chunkBytes) {
        this.range = range;
        this.reader = reader;
        List<BlockEntry> blocks = reader.index().blocks();
        this.chunkOfBlock = new int[blocks.size()];
        int first = 0;
        int length = 0;
        for (int i = 0; i < blocks.size(); i++) {
            int next = blocks.get(i).length();
            if (i > first && length + next > chunkBytes) {
                close(blocks, first, i, length);
                first = i;
                length = 0;
            }
            length += next;
        }
        close(blocks, first, blocks.size(), length);
    }

    private void close(List<BlockEntry> blocks, int from, int to, int length) {
        for (int i = from; i < to; i++) {
            chunkOfBlock[i] = chunks.size();
        }
        List<BlockEntry> inChunk = List.copyOf(blocks.subList(from, to));
        chunks.add(new Chunk(chunks.size(), inChunk, inChunk.get(0).position(), length));
    }

    ManifestRange range() {
        return range;
    }

    String key() {
        return range.key();
    }

    SegmentObjectReader reader() {
        return reader;
    }

    List<Chunk> chunks() {
        return chunks;
    }

    Chunk chunkOf(BlockEntry block) {
        return chunks.get(chunkOfBlock[block.number()]);
    }
}
