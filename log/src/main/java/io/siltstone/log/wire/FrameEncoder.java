package io.siltstone.log.wire;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.EncoderException;
import java.io.IOException;
import java.util.List;

/**
 * Writes an {@link OutgoingFrame} as one small buffer of lengths and header, and then its payloads as they are, which
 * the channel gathers into one system call. Stateless. The write's future is that of the frame's last byte.
 */
@Sharable
final class FrameEncoder extends ChannelOutboundHandlerAdapter {

    static final FrameEncoder INSTANCE = new FrameEncoder();

    static final int LENGTH_BYTES = 4;

    private FrameEncoder() {}

    @Override
    public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
        if (!(message instanceof OutgoingFrame frame)) {
            ctx.write(message, promise);
            return;
        }
        ByteBuf head;
        try {
            head = head(ctx, frame);
        } catch (EncoderException | OutOfMemoryError unwritten) {
            // Of direct memory: nothing but this frame is lost.
            frame.release();
            promise.tryFailure(unwritten);
            return;
        }
        List<ByteBuf> payloads = frame.takePayloads();
        frame.release();
        if (payloads.isEmpty()) {
            ctx.write(head, promise);
            return;
        }
        ctx.write(head);
        int last = payloads.size() - 1;
        for (int i = 0; i < last; i++) {
            ctx.write(payloads.get(i));
        }
        ctx.write(payloads.get(last), promise);
    }

    private static ByteBuf head(ChannelHandlerContext ctx, OutgoingFrame frame) {
        MessageLite header = frame.header();
        int headerBytes = header.getSerializedSize();
        long payloadBytes = 0;
        for (int i = 0; i < frame.payloads().size(); i++) {
            payloadBytes += frame.payloads().get(i).readableBytes();
        }
        if (headerBytes > WireProtocol.MAX_HEADER_BYTES || payloadBytes > WireProtocol.MAX_PAYLOAD_BYTES) {
            throw new EncoderException("a frame of " + headerBytes + " header and " + payloadBytes
                    + " payload bytes is above " + WireProtocol.MAX_HEADER_BYTES + " and "
                    + WireProtocol.MAX_PAYLOAD_BYTES + ": send it in parts");
        }
        int size = 2 * LENGTH_BYTES + headerBytes;
        ByteBuf head = ctx.alloc().directBuffer(size, size);
        head.writeInt((int) (LENGTH_BYTES + headerBytes + payloadBytes));
        head.writeInt(headerBytes);
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(head.nioBuffer(head.writerIndex(), headerBytes));
            header.writeTo(out);
            out.flush();
        } catch (IOException noRoom) {
            head.release();
            throw new EncoderException("header does not fit the size that it told", noRoom);
        }
        return head.writerIndex(size);
    }
}
