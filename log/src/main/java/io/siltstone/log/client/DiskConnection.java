package io.siltstone.log.client;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.siltstone.log.DiskId;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.FramePipeline;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.Reply;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The connection of one event loop to one disk: made when it is asked for, and made again, with backoff, after it ended.
 * Confined to that loop. Knows nothing of what is sent over it.
 *
 * <p>Phases: none → waiting, until the backoff is over → connecting, until Hello is answered → ready. {@link #end} leads
 * from each of them to none; only its owner ends it.
 */
final class DiskConnection implements LinkHandler.Events {

    /** Whoever sends over the connection, and ends it when he hears that it is lost or of no use. */
    interface Owner {

        /** Requests may go out. */
        void connected();

        /** A reply, borrowed. */
        void replied(Frame<Reply> reply);

        /** More may be written. */
        void writable();

        /** The node does not serve this disk, cluster or version. */
        void turnedAway(Code code, String message);

        /** It broke, or could not be made. */
        void lost(String why);
    }

    private enum Phase {
        NONE,
        WAITING,
        CONNECTING,
        READY
    }

    private final DiskId disk;
    private final EventLoop loop;
    private final ReplicaClientSettings settings;
    private final DiskDirectory directory;
    private final Transport transport;
    private final Owner owner;

    private Phase phase = Phase.NONE;
    private @Nullable Channel channel;
    private long backoffMs;
    private long endedNanos;
    private long connectingNanos;

    DiskConnection(
            DiskId disk,
            EventLoop loop,
            ReplicaClientSettings settings,
            DiskDirectory directory,
            Transport transport,
            Owner owner) {
        this.disk = disk;
        this.loop = loop;
        this.settings = settings;
        this.directory = directory;
        this.transport = transport;
        this.owner = owner;
    }

    boolean isReady() {
        return phase == Phase.READY;
    }

    /** What to write to; null while the connection is not ready. */
    @Nullable
    Channel ready() {
        return phase == Phase.READY ? channel : null;
    }

    /** How long it has been connecting, in milliseconds; 0 where it is not. */
    long connectingMs(long nowNanos) {
        return phase == Phase.CONNECTING ? TimeUnit.NANOSECONDS.toMillis(nowNanos - connectingNanos) : 0;
    }

    /** Sees to it that there will be a connection. The owner hears of it later, never from within this call. */
    void connect() {
        if (phase != Phase.NONE) {
            return;
        }
        phase = Phase.WAITING;
        long waitNanos = TimeUnit.MILLISECONDS.toNanos(backoffMs) - (System.nanoTime() - endedNanos);
        if (backoffMs == 0 || waitNanos <= 0) {
            loop.execute(this::begin);
        } else {
            loop.schedule(this::begin, waitNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void begin() {
        if (phase != Phase.WAITING) {
            return;
        }
        Optional<DiskAddress> address = directory.locate(disk);
        if (address.isEmpty()) {
            owner.lost("no node is registered for it");
            return;
        }
        phase = Phase.CONNECTING;
        connectingNanos = System.nanoTime();
        DiskAddress peer = address.get();
        ChannelFuture attempt = transport
                .bootstrap(loop)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel created) {
                        transport.secure(created, peer);
                        FramePipeline.install(created, Reply.parser());
                        created.pipeline()
                                .addLast(new LinkHandler(
                                        DiskConnection.this, settings.clusterId(), disk, transport.principal()));
                    }
                })
                .connect(peer.host(), peer.port());
        channel = attempt.channel();
        attempt.addListener(done -> {
            if (!done.isSuccess()) {
                closed(attempt.channel(), "cannot connect to " + peer + ": " + done.cause());
            }
        });
    }

    /** Ends the connection, or the attempt to make one. The next attempt waits longer, unless one succeeds. */
    void end() {
        Channel ended = channel;
        channel = null;
        phase = Phase.NONE;
        endedNanos = System.nanoTime();
        backoffMs = Math.min(settings.maxBackoffMs(), Math.max(settings.minBackoffMs(), 2 * backoffMs));
        if (ended != null) {
            ended.close();
        }
    }

    @Override
    public void ready(Channel by) {
        if (by == channel) {
            phase = Phase.READY;
            backoffMs = 0;
            owner.connected();
        }
    }

    @Override
    public void turnedAway(Channel by, Code code, String message) {
        if (by == channel) {
            owner.turnedAway(code, message);
        }
    }

    @Override
    public void reply(Frame<Reply> reply) {
        owner.replied(reply);
    }

    @Override
    public void writable() {
        owner.writable();
    }

    @Override
    public void closed(Channel gone, String why) {
        if (gone == channel) {
            owner.lost(why);
        }
    }
}
