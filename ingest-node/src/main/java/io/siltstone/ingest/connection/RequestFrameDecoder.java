package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.TooLongFrameException;
import io.siltstone.log.wire.FrameReceiveAllocator;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a connection's stream into Kafka's length-prefixed requests. Confined to the channel's event loop.
 *
 * <p>Each request lies in one pooled direct buffer of exactly its size, so a retained slice of its records pins that
 * request and nothing else. A large request is read by the socket into that buffer itself.
 *
 * <p>A length outside the limits breaks the connection: nothing behind it can be trusted to be a request.
 */
final class RequestFrameDecoder extends ChannelInboundHandlerAdapter {

    private static final int LENGTH_BYTES = 4;

    private final int maxRequestBytes;
    private final FrameReceiveAllocator receive;
    private int length;
    private int lengthBytesRead;
    private @Nullable ByteBuf frame;
    private boolean broken;

    RequestFrameDecoder(int maxRequestBytes, FrameReceiveAllocator receive) {
        this.maxRequestBytes = maxRequestBytes;
        this.receive = receive;
    }

    @Override
    @SuppressWarnings("ReferenceEquality") // Whether it is this buffer, not one of the same bytes.
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf chunk = (ByteBuf) message;
        try {
            if (chunk == frame) {
                // The socket wrote into the request's own buffer.
                fireIfWhole(ctx);
                return;
            }
            while (!broken && chunk.isReadable()) {
                consume(ctx, chunk);
            }
        } finally {
            chunk.release();
        }
    }

    private void consume(ChannelHandlerContext ctx, ByteBuf chunk) {
        ByteBuf filling = frame;
        if (filling != null) {
            chunk.readBytes(filling, Math.min(filling.writableBytes(), chunk.readableBytes()));
            fireIfWhole(ctx);
            return;
        }
        length = length << 8 | chunk.readUnsignedByte();
        if (++lengthBytesRead == LENGTH_BYTES) {
            begin(ctx);
        }
    }

    private void begin(ChannelHandlerContext ctx) {
        int bytes = length;
        length = 0;
        lengthBytesRead = 0;
        if (bytes <= 0 || bytes > maxRequestBytes) {
            broken = true;
            throw new TooLongFrameException(
                    "a request of " + bytes + " bytes; from 1 to " + maxRequestBytes + " are taken");
        }
        ByteBuf body = ctx.alloc().directBuffer(bytes, bytes);
        frame = body;
        receive.fill(body);
    }

    private void fireIfWhole(ChannelHandlerContext ctx) {
        ByteBuf whole = frame;
        if (whole == null || whole.isWritable()) {
            return;
        }
        frame = null;
        receive.filled();
        ctx.fireChannelRead(whole);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        dropFrame();
        ctx.fireChannelInactive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        dropFrame();
    }

    private void dropFrame() {
        ByteBuf partial = frame;
        frame = null;
        receive.filled();
        if (partial != null) {
            partial.release();
        }
    }
}
