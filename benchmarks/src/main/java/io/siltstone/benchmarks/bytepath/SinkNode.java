package io.siltstone.benchmarks.bytepath;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.FrameException;
import io.siltstone.log.wire.FramePipeline;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.WireProtocol;
import io.siltstone.log.wire.proto.AppendReply;
import io.siltstone.log.wire.proto.HelloReply;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Request;
import java.util.List;

/**
 * A storage node that checks entries and forgets them: what it costs is the wire alone, and the rest of a real node's
 * cost is its journal. Run as {@code SinkNode PORT}; it is ready when it prints so.
 */
public final class SinkNode {

    private SinkNode() {}

    /** Serves until it is killed. */
    public static void main(String[] arguments) {
        SocketTransport sockets = SocketTransport.best();
        Channel server = new ServerBootstrap()
                .group(new MultiThreadIoEventLoopGroup(1, sockets.ioHandlers()))
                .channel(sockets.serverSocketChannel())
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        FramePipeline.install(channel, Request.parser());
                        channel.pipeline().addLast(new Connection());
                    }
                })
                .bind("127.0.0.1", Integer.parseInt(arguments[0]))
                .syncUninterruptibly()
                .channel();
        System.out.println("ready");
        server.closeFuture().syncUninterruptibly();
    }

    private static final class Connection extends ChannelInboundHandlerAdapter {

        private long unacknowledged;

        @Override
        @SuppressWarnings("unchecked")
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Frame<Request> frame = (Frame<Request>) message;
            try {
                Request request = frame.header();
                switch (request.getBodyCase()) {
                    case HELLO ->
                        ctx.writeAndFlush(OutgoingFrame.of(Reply.newBuilder()
                                .setHello(HelloReply.newBuilder().setVersion(WireProtocol.VERSION))
                                .build()));
                    case APPEND -> {
                        WireMapping.forEachEntry(
                                request.getAppend().getEntriesList(), frame.payload(), (header, payload) -> {
                                    if (Crc32c.of(payload) != header.crc()) {
                                        throw new FrameException("entry " + header.entry() + " arrived corrupt");
                                    }
                                });
                        unacknowledged = request.getAppend().getSequence();
                    }
                    case FENCE, RECOVERY_APPEND, READ, STAT, DELETE, LIST, STATUS, BODY_NOT_SET ->
                        ctx.write(new OutgoingFrame(
                                Reply.newBuilder().setId(request.getId()).build(), List.of()));
                }
            } finally {
                frame.release();
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext ctx) {
            if (unacknowledged > 0) {
                AppendReply reply =
                        AppendReply.newBuilder().setSequence(unacknowledged).build();
                unacknowledged = 0;
                ctx.write(OutgoingFrame.of(Reply.newBuilder().setAppend(reply).build()));
            }
            ctx.flush();
        }

        /** The writer is gone. */
        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
