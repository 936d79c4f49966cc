package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Direct memory that objects are read into. Its arenas grow by 16 MiB, so that reads of some MiB share and reuse them;
 * from Netty's default pool, which grows by 4 MiB, each such read would get memory of its own from the system, to be
 * zeroed first. Thread-safe.
 */
final class ObjectBuffers {

    private static final int ARENAS = 2;
    private static final int PAGE_BYTES = 8192;
    private static final int MAX_ORDER = 11;

    private static final PooledByteBufAllocator POOL =
            new PooledByteBufAllocator(true, 0, ARENAS, PAGE_BYTES, MAX_ORDER, 0, 0, false);

    private ObjectBuffers() {}

    /** An empty buffer of exactly that capacity; the caller releases it. */
    static ByteBuf allocate(int bytes) {
        return POOL.directBuffer(bytes, bytes);
    }
}
