package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Direct memory that is used up for one allocation, when the test says so. Told by an error, as Netty does, though not by
 * its kind: at a real want of memory JUnit stops everything.
 */
final class ScarceAllocator extends PooledByteBufAllocator {

    private int allocationsUntilFailure = -1;

    /** After so many more direct buffers one is refused. */
    void failAfter(int allocations) {
        allocationsUntilFailure = allocations;
    }

    boolean hasFailed() {
        return allocationsUntilFailure < 0;
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (allocationsUntilFailure >= 0 && allocationsUntilFailure-- == 0) {
            throw new Error("used up as the test wants it");
        }
        return super.newDirectBuffer(initialCapacity, maxCapacity);
    }
}
