package io.siltstone.tiering.history;

import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCounted;

/**
 * Whole record batches out of the bucket, checked, in offset order; a view of shared memory that the receiver releases.
 *
 * @param batches read only by agreement
 * @param baseOffset of the first batch, which may begin below the offset asked for
 * @param endOffset the offset after the last batch
 */
public record HistorySlice(ByteBuf batches, long baseOffset, long endOffset) implements ReferenceCounted {

    @Override
    public int refCnt() {
        return batches.refCnt();
    }

    @Override
    public HistorySlice retain() {
        batches.retain();
        return this;
    }

    @Override
    public HistorySlice retain(int increment) {
        batches.retain(increment);
        return this;
    }

    @Override
    public HistorySlice touch() {
        batches.touch();
        return this;
    }

    @Override
    public HistorySlice touch(Object hint) {
        batches.touch(hint);
        return this;
    }

    @Override
    public boolean release() {
        return batches.release();
    }

    @Override
    public boolean release(int decrement) {
        return batches.release(decrement);
    }
}
