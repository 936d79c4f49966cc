package io.siltstone.client.stream;

import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.SegmentObjectReader;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * A part of a block that was asked for.
 *
 * @param length what it counts for in the budget
 * @param skip bytes before the block's: the object's header
 * @param rest bytes behind the block's: the object's producer snapshot
 * @param first the block starts with it
 * @param last the block ends with it
 */
record Piece(
        SegmentObjectReader object,
        String key,
        BlockEntry block,
        int length,
        int skip,
        int rest,
        boolean first,
        boolean last,
        CompletableFuture<ByteBuffer> bytes) {}
