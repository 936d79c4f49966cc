package io.siltstone.log.wire;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;

/**
 * Makes a channel speak frames: behind it handlers read {@link Frame}s with headers of one type and write
 * {@link OutgoingFrame}s. Whatever secures the connection is added before.
 */
public final class FramePipeline {

    private FramePipeline() {}

    /**
     * Adds the codec at the pipeline's end.
     *
     * @param inbound the message that the other side sends: {@code Request.parser()} or {@code Reply.parser()}
     */
    public static <H extends MessageLite> void install(Channel channel, Parser<H> inbound) {
        FrameReceiveAllocator receive = new FrameReceiveAllocator();
        if (channel.pipeline().get(SslHandler.class) == null) {
            // What the socket reads is the frame's own bytes, not their ciphertext.
            channel.config().setRecvByteBufAllocator(receive);
        }
        channel.pipeline()
                .addLast("frame-encoder", FrameEncoder.INSTANCE)
                .addLast("frame-decoder", new FrameDecoder<>(inbound, receive));
    }
}
