package io.siltstone.log.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.ChannelConfig;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.util.UncheckedBooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells the socket where to read to: into the frame that its decoder is filling, once its length is known and
 * much of it is still missing, so that its bytes are not moved again. One per channel, confined to its event loop.
 */
public final class FrameReceiveAllocator implements RecvByteBufAllocator {

    /** Below this what the socket holds is likely to reach into the next frames, and one read takes them all. */
    private static final int DIRECT_FROM_BYTES = 64 << 10;

    private final RecvByteBufAllocator chunks = new AdaptiveRecvByteBufAllocator(512, 32 << 10, 64 << 10);
    private @Nullable ByteBuf filling;

    /** From now on the bytes of the stream belong to this buffer, until it is full. */
    public void fill(ByteBuf frame) {
        filling = frame;
    }

    public void filled() {
        filling = null;
    }

    @Override
    public ExtendedHandle newHandle() {
        return new FrameHandle((ExtendedHandle) chunks.newHandle());
    }

    /** Netty's own handle, but for where the bytes go. */
    private final class FrameHandle implements ExtendedHandle {

        private final ExtendedHandle chunk;

        FrameHandle(ExtendedHandle chunk) {
            this.chunk = chunk;
        }

        @Override
        public ByteBuf allocate(ByteBufAllocator allocator) {
            ByteBuf frame = filling;
            if (frame != null && frame.writableBytes() >= DIRECT_FROM_BYTES) {
                return frame.retain();
            }
            return chunk.allocate(allocator);
        }

        @Override
        public int guess() {
            return chunk.guess();
        }

        @Override
        public void reset(ChannelConfig config) {
            chunk.reset(config);
        }

        @Override
        public void incMessagesRead(int messages) {
            chunk.incMessagesRead(messages);
        }

        @Override
        public void lastBytesRead(int bytes) {
            chunk.lastBytesRead(bytes);
        }

        @Override
        public int lastBytesRead() {
            return chunk.lastBytesRead();
        }

        @Override
        public void attemptedBytesRead(int bytes) {
            chunk.attemptedBytesRead(bytes);
        }

        @Override
        public int attemptedBytesRead() {
            return chunk.attemptedBytesRead();
        }

        @Override
        public boolean continueReading() {
            return chunk.continueReading();
        }

        @Override
        public boolean continueReading(UncheckedBooleanSupplier maybeMore) {
            return chunk.continueReading(maybeMore);
        }

        @Override
        public void readComplete() {
            chunk.readComplete();
        }
    }
}
