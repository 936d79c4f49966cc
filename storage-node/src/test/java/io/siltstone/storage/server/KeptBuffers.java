package io.siltstone.storage.server;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Buffers that are all remembered, so that a test sees which were never released; none for readers while they are denied. */
final class KeptBuffers extends AbstractByteBufAllocator {

    private final Queue<ByteBuf> all = new ConcurrentLinkedQueue<>();
    private volatile boolean denied;

    KeptBuffers() {
        super(true);
    }

    /** Whether threads that read the journal find no memory. */
    void denyReaders(boolean deny) {
        denied = deny;
    }

    long heldBytes() {
        return all.stream()
                .filter(buffer -> buffer.refCnt() > 0)
                .mapToLong(ByteBuf::capacity)
                .sum();
    }

    private ByteBuf keep(ByteBuf buffer) {
        all.add(buffer);
        return buffer;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return keep(UnpooledByteBufAllocator.DEFAULT.heapBuffer(initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        if (denied && Thread.currentThread().getName().contains("-read-")) {
            throw new OutOfMemoryError("denied");
        }
        return keep(UnpooledByteBufAllocator.DEFAULT.directBuffer(initialCapacity, maxCapacity));
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
