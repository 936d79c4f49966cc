package io.siltstone.ingest.connection;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.log.wire.FrameReceiveAllocator;
import io.siltstone.log.wire.SocketTransport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Listens for Kafka clients. Its connections live on the node's event loops. */
public final class KafkaServer implements AutoCloseable {

    private static final int MAX_FLUSHES_HELD_BACK = 256;
    private static final int MAX_IDLE_MINUTES = 10;

    private final Channel listening;
    private final ChannelGroup connections;

    private KafkaServer(Channel listening, ChannelGroup connections) {
        this.listening = listening;
        this.connections = connections;
    }

    /**
     * Binds the address and serves what the table names.
     *
     * @param memory that requests may take
     * @param maxRequestBytes a longer request closes its connection
     * @param maxInFlight requests of one connection under way at once
     * @param sendBufferBytes of a connection's socket; negative where the system chooses. A small one keeps an answer
     *     out of the kernel until the client reads it: what fits into the processor's caches is copied faster, twice
     * @throws io.netty.channel.ChannelException where the address cannot be bound
     */
    public static KafkaServer listen(
            InetSocketAddress address,
            SocketTransport transport,
            EventLoopGroup loops,
            ApiHandlers handlers,
            RequestMemory memory,
            RequestMetrics metrics,
            int maxRequestBytes,
            int maxInFlight,
            int sendBufferBytes) {
        ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
        ServerBootstrap bootstrap = new ServerBootstrap();
        if (sendBufferBytes > 0) {
            bootstrap.childOption(ChannelOption.SO_SNDBUF, sendBufferBytes);
        }
        Channel listening = bootstrap
                .group(loops)
                .channel(transport.serverSocketChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, 1024)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childOption(ChannelOption.SO_KEEPALIVE, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(1 << 20, 4 << 20))
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        FrameReceiveAllocator receive = new FrameReceiveAllocator();
                        channel.config().setRecvByteBufAllocator(receive);
                        RequestFrameDecoder decoder = new RequestFrameDecoder(maxRequestBytes, receive, memory);
                        channel.pipeline()
                                .addLast(new FlushConsolidationHandler(MAX_FLUSHES_HELD_BACK, true))
                                .addLast(new IdleStateHandler(MAX_IDLE_MINUTES, 0, 0, TimeUnit.MINUTES))
                                .addLast(decoder)
                                .addLast(new KafkaConnection(
                                        handlers, memory, decoder::isWaiting, metrics, maxInFlight));
                    }
                })
                .bind(address)
                .syncUninterruptibly()
                .channel();
        return new KafkaServer(listening, connections);
    }

    /** The port that is bound, which the system chose where 0 was asked for. */
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /** Where this machine reaches the listener: the address that is bound, or loopback where that is all of them. */
    public InetSocketAddress localAddress() {
        InetSocketAddress bound = (InetSocketAddress) listening.localAddress();
        return bound.getAddress().isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), bound.getPort())
                : bound;
    }

    /** Takes no new connections; those there are go on. */
    public void stopListening() {
        listening.close().syncUninterruptibly();
    }

    @Override
    public void close() {
        stopListening();
        connections.close().awaitUninterruptibly();
    }
}
