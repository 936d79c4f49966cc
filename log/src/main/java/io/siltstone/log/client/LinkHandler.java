package io.siltstone.log.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.siltstone.log.DiskId;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.FrameException;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.WireProtocol;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.Hello;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Request;

/** One connection: says Hello, and hands on what comes after the answer. Confined to the channel's loop. */
final class LinkHandler extends ChannelInboundHandlerAdapter {

    /** The link that the connection serves. */
    interface Events {

        /** Hello was answered; requests may go out. */
        void ready(Channel channel);

        /** The node does not serve this disk, cluster or version. The connection is closed. */
        void turnedAway(Channel channel, Code code, String message);

        /** A reply, borrowed. */
        void reply(Frame<Reply> reply);

        void writable();

        /** Told once, whatever was told before. */
        void closed(Channel channel, String why);
    }

    private final Events events;
    private final Hello hello;
    private boolean ready;
    private String whyClosed = "the node closed the connection";

    LinkHandler(Events events, String clusterId, DiskId disk, String principal) {
        this.events = events;
        hello = Hello.newBuilder()
                .setVersion(WireProtocol.VERSION)
                .setClusterId(clusterId)
                .setDiskHigh(disk.value().getMostSignificantBits())
                .setDiskLow(disk.value().getLeastSignificantBits())
                .setPrincipal(principal)
                .build();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        ctx.writeAndFlush(OutgoingFrame.of(Request.newBuilder().setHello(hello).build()));
    }

    @Override
    @SuppressWarnings("unchecked")
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        try {
            Frame<Reply> reply = (Frame<Reply>) message;
            if (ready) {
                events.reply(reply);
            } else {
                greeted(ctx, reply.header());
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void greeted(ChannelHandlerContext ctx, Reply reply) {
        boolean understood = reply.getCode() == Code.OK && reply.getHello().getVersion() == WireProtocol.VERSION;
        if (understood) {
            ready = true;
            events.ready(ctx.channel());
            return;
        }
        events.turnedAway(
                ctx.channel(),
                reply.getCode() == Code.OK ? Code.WRONG_DISK : reply.getCode(),
                "version " + reply.getHello().getVersion() + ", " + reply.getMessage());
        ctx.close();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (ready && ctx.channel().isWritable()) {
            events.writable();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        whyClosed = cause instanceof FrameException ? "not understood: " + cause.getMessage() : cause.toString();
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        events.closed(ctx.channel(), whyClosed);
    }
}
