package io.siltstone.log.wire;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * Cuts the stream of a connection into {@link Frame}s. Confined to the channel's event loop.
 *
 * <p>Each frame lies in one pooled direct buffer of exactly its size, allocated when its lengths are known, so what a
 * retained payload pins is its own frame and nothing else, and no buffer grows. Bytes are moved once, out of what the
 * socket read; where {@link FrameReceiveAllocator} is installed the socket reads into that buffer itself.
 *
 * <p>After a {@link FrameException} the rest of the connection is discarded; the next handler closes it.
 */
final class FrameDecoder<H extends MessageLite> extends ChannelInboundHandlerAdapter {

    private static final int LENGTHS_BYTES = 8;

    private final Parser<H> parser;
    private final FrameReceiveAllocator receive;
    private final byte[] lengths = new byte[LENGTHS_BYTES];
    private int lengthsRead;
    private int headerBytes;
    private @Nullable ByteBuf frame;
    private boolean broken;
    private boolean fired;

    FrameDecoder(Parser<H> parser, FrameReceiveAllocator receive) {
        this.parser = parser;
        this.receive = receive;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof ByteBuf chunk)) {
            ctx.fireChannelRead(message);
            return;
        }
        try {
            if (isFrame(chunk)) {
                fireIfWhole(ctx);
                return;
            }
            while (!broken && chunk.isReadable()) {
                consume(ctx, chunk);
            }
        } catch (FrameException notOurs) {
            broken = true;
            dropFrame();
            throw notOurs;
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    /** Whether the socket wrote into the frame itself. */
    @SuppressWarnings("ReferenceEquality")
    private boolean isFrame(ByteBuf chunk) {
        return chunk == frame;
    }

    private void consume(ChannelHandlerContext ctx, ByteBuf chunk) {
        ByteBuf filling = frame;
        if (filling == null) {
            int wanted = Math.min(LENGTHS_BYTES - lengthsRead, chunk.readableBytes());
            chunk.readBytes(lengths, lengthsRead, wanted);
            lengthsRead += wanted;
            if (lengthsRead == LENGTHS_BYTES) {
                begin(ctx);
                fireIfWhole(ctx);
            }
            return;
        }
        chunk.readBytes(filling, Math.min(filling.writableBytes(), chunk.readableBytes()));
        fireIfWhole(ctx);
    }

    private void begin(ChannelHandlerContext ctx) {
        long bodyBytes = length(0) - FrameEncoder.LENGTH_BYTES;
        long header = length(FrameEncoder.LENGTH_BYTES);
        if (header > WireProtocol.MAX_HEADER_BYTES
                || header > bodyBytes
                || bodyBytes - header > WireProtocol.MAX_PAYLOAD_BYTES) {
            throw new FrameException("a frame of " + length(0) + " bytes with a header of " + header
                    + " is not of this protocol (header at most " + WireProtocol.MAX_HEADER_BYTES
                    + ", payload at most " + WireProtocol.MAX_PAYLOAD_BYTES + ")");
        }
        lengthsRead = 0;
        headerBytes = (int) header;
        ByteBuf body = ctx.alloc().directBuffer((int) bodyBytes, (int) bodyBytes);
        frame = body;
        receive.fill(body);
    }

    private long length(int at) {
        return (lengths[at] & 0xffL) << 24
                | (lengths[at + 1] & 0xffL) << 16
                | (lengths[at + 2] & 0xffL) << 8
                | (lengths[at + 3] & 0xffL);
    }

    private void fireIfWhole(ChannelHandlerContext ctx) {
        ByteBuf whole = frame;
        if (whole == null || whole.isWritable()) {
            return;
        }
        frame = null;
        receive.filled();
        H header;
        try {
            header = parser.parseFrom(CodedInputStream.newInstance(whole.nioBuffer(0, headerBytes)));
        } catch (InvalidProtocolBufferException notAHeader) {
            whole.release();
            throw new FrameException("a frame's header is not readable: " + notAHeader.getMessage(), notAHeader);
        }
        fired = true;
        ctx.fireChannelRead(new Frame<>(header, whole.readerIndex(headerBytes).slice()));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        boolean whole = fired;
        fired = false;
        ctx.fireChannelReadComplete();
        if (!whole && !broken && !ctx.channel().config().isAutoRead()) {
            // Who asked for a read waits for a frame, not for a part of one.
            ctx.read();
        }
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
