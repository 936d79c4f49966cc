package io.siltstone.log.client;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.siltstone.log.wire.SocketTransport;

/** TCP without encryption. */
public final class PlainTransport implements Transport {

    private static final int CONNECT_TIMEOUT_MS = 2_000;

    /** About two full frames wait in a channel; the rest waits in the link, where it can still be dropped. */
    private static final WriteBufferWaterMark WRITE_BUFFER = new WriteBufferWaterMark(1 << 20, 2 << 20);

    private final SocketTransport sockets;
    private final String principal;

    /**
     * Connections by sockets of this kind.
     *
     * @param sockets the kind that the event loops were made of
     */
    public PlainTransport(SocketTransport sockets, String principal) {
        this.sockets = sockets;
        this.principal = principal;
    }

    @Override
    public Bootstrap bootstrap(EventLoop loop) {
        return new Bootstrap()
                .group(loop)
                .channel(sockets.socketChannel())
                .resolver(OffLoopResolver.INSTANCE)
                .option(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.SO_KEEPALIVE, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_TIMEOUT_MS)
                .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER);
    }

    @Override
    public void secure(Channel channel, DiskAddress peer) {}

    @Override
    public String principal() {
        return principal;
    }
}
