package io.siltstone.log.client;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.FramePipeline;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.WireProtocol;
import io.siltstone.log.wire.proto.Append;
import io.siltstone.log.wire.proto.AppendReply;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.DiskStatus;
import io.siltstone.log.wire.proto.Entries;
import io.siltstone.log.wire.proto.HelloReply;
import io.siltstone.log.wire.proto.Read;
import io.siltstone.log.wire.proto.Refusal;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.log.wire.proto.Segment;
import io.siltstone.log.wire.proto.SegmentStat;
import io.siltstone.log.wire.proto.SegmentStats;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A storage node in memory that speaks the wire protocol, and misbehaves when told to. One loop; fields are its own. */
final class FakeStorageNode implements AutoCloseable {

    private record Held(EntryHeader header, ByteString payload) {}

    final DiskId disk;
    final int port;

    /** Entries per append frame, as they came. */
    final List<Integer> frames = new CopyOnWriteArrayList<>();

    volatile boolean holdsAcks;
    volatile boolean answersRequests = true;
    volatile boolean corrupts;
    volatile boolean greets = true;

    private final Map<SegmentId, TreeMap<Long, Held>> segments = new HashMap<>();
    private final Map<SegmentId, Code> refusing = new HashMap<>();
    private final Map<SegmentId, Integer> fences = new HashMap<>();
    private final List<Channel> connections = new CopyOnWriteArrayList<>();
    private final Channel server;

    FakeStorageNode(EventLoopGroup loops, DiskId disk) {
        this(loops, disk, 0);
    }

    FakeStorageNode(EventLoopGroup loops, DiskId disk, int port) {
        this.disk = disk;
        server = new ServerBootstrap()
                .group(loops.next())
                .channel(SocketTransport.best().serverSocketChannel())
                .option(ChannelOption.SO_REUSEADDR, true)
                .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
                .childHandler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        FramePipeline.install(channel, Request.parser());
                        channel.pipeline().addLast(new Connection());
                        connections.add(channel);
                    }
                })
                .bind("127.0.0.1", port)
                .syncUninterruptibly()
                .channel();
        this.port = ((InetSocketAddress) server.localAddress()).getPort();
    }

    DiskAddress address() {
        return new DiskAddress("127.0.0.1", port);
    }

    /** Refuses the segment from its next entry on. */
    synchronized void refuse(SegmentId segment, Code code) {
        refusing.put(segment, code);
    }

    /** Tells the last connection that the segment was fenced. */
    void pushFenced(SegmentId segment) {
        Segment message = WireMapping.toMessage(segment);
        connections
                .get(connections.size() - 1)
                .writeAndFlush(
                        OutgoingFrame.of(Reply.newBuilder().setFenced(message).build()));
    }

    synchronized List<Long> entries(SegmentId segment) {
        return List.copyOf(segments.getOrDefault(segment, new TreeMap<>()).keySet());
    }

    synchronized ByteString payload(SegmentId segment, long entry) {
        return requireNonNull(requireNonNull(segments.get(segment)).get(entry)).payload();
    }

    int connections() {
        return connections.size();
    }

    void dropConnections() {
        connections.forEach(channel -> channel.close().syncUninterruptibly());
    }

    @Override
    public void close() {
        server.close().syncUninterruptibly();
        dropConnections();
    }

    private final class Connection extends ChannelInboundHandlerAdapter {

        @Override
        @SuppressWarnings("unchecked")
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            Frame<Request> frame = (Frame<Request>) message;
            try {
                synchronized (FakeStorageNode.this) {
                    serve(ctx, frame);
                }
            } finally {
                frame.release();
            }
        }

        private void serve(ChannelHandlerContext ctx, Frame<Request> frame) {
            Request request = frame.header();
            Reply.Builder reply = Reply.newBuilder().setId(request.getId());
            switch (request.getBodyCase()) {
                case HELLO -> {
                    if (greets) {
                        send(ctx, greeting(request, reply), null);
                    }
                }
                case APPEND -> append(ctx, request.getAppend(), frame.payload(), reply);
                case RECOVERY_APPEND -> {
                    WireMapping.forEachEntry(
                            request.getRecoveryAppend().getEntriesList(), frame.payload(), FakeStorageNode.this::hold);
                    Segment segment = request.getRecoveryAppend().getEntries(0).getSegment();
                    send(ctx, reply.setStats(stats(segment, Code.OK)), null);
                }
                case FENCE -> {
                    SegmentId id = WireMapping.fromMessage(request.getFence().getSegment());
                    fences.put(id, request.getFence().getEpoch());
                    send(ctx, reply.setStats(stats(request.getFence().getSegment(), Code.OK)), null);
                }
                case STAT -> {
                    Segment segment = request.getStat().getSegments(0);
                    SegmentId id = WireMapping.fromMessage(segment);
                    Code code = fences.containsKey(id)
                            ? Code.FENCED
                            : segments.containsKey(id) ? Code.OK : Code.NO_SUCH_SEGMENT;
                    send(ctx, reply.setStats(stats(segment, code)), null);
                }
                case READ -> read(ctx, request.getRead(), reply);
                case LIST -> {
                    SegmentStats.Builder all = SegmentStats.newBuilder();
                    segments.keySet().forEach(id -> all.addSegments(stat(WireMapping.toMessage(id), Code.OK)));
                    send(ctx, reply.setStats(all), null);
                }
                case STATUS ->
                    send(
                            ctx,
                            reply.setStatus(DiskStatus.newBuilder()
                                    .setDiskHigh(disk.value().getMostSignificantBits())
                                    .setDiskLow(disk.value().getLeastSignificantBits())
                                    .setLimitBytes(1000)),
                            null);
                case DELETE -> {
                    segments.keySet()
                            .removeIf(id -> id.number() < request.getDelete().getBelow());
                    send(ctx, reply, null);
                }
                case BODY_NOT_SET -> ctx.close();
            }
        }

        private Reply.Builder greeting(Request request, Reply.Builder reply) {
            boolean mine = WireMapping.disk(
                            request.getHello().getDiskHigh(), request.getHello().getDiskLow())
                    .equals(disk);
            return mine
                    ? reply.setHello(HelloReply.newBuilder().setVersion(WireProtocol.VERSION))
                    : reply.setCode(Code.WRONG_DISK).setMessage("this is disk " + disk);
        }

        private void append(ChannelHandlerContext ctx, Append append, ByteBuf payload, Reply.Builder reply) {
            frames.add(append.getEntriesCount());
            List<Refusal> refusals = new ArrayList<>();
            WireMapping.forEachEntry(append.getEntriesList(), payload, (header, bytes) -> {
                Code code = refusing.get(header.segment());
                if (code == null) {
                    hold(header, bytes);
                } else {
                    refusals.add(Refusal.newBuilder()
                            .setSegment(WireMapping.toMessage(header.segment()))
                            .setEntry(header.entry())
                            .setCode(code)
                            .build());
                }
            });
            if (!holdsAcks) {
                send(
                        ctx,
                        reply.setAppend(AppendReply.newBuilder()
                                .setSequence(append.getSequence())
                                .addAllRefusals(refusals)),
                        null);
            }
        }

        private void read(ChannelHandlerContext ctx, Read read, Reply.Builder reply) {
            TreeMap<Long, Held> held = segments.get(WireMapping.fromMessage(read.getSegment()));
            if (held == null) {
                send(ctx, reply.setCode(Code.NO_SUCH_SEGMENT), null);
                return;
            }
            Entries.Builder entries = Entries.newBuilder();
            ByteBuf payload = Unpooled.buffer();
            for (Held entry : held.tailMap(read.getEntry()).values()) {
                boolean fits = payload.writerIndex() + entry.payload().size() <= read.getMaxBytes();
                if (entry.header().entry() > read.getLastEntry() || (entries.getEntriesCount() > 0 && !fits)) {
                    break;
                }
                entries.addEntries(WireMapping.toMessage(entry.header()));
                payload.writeBytes(entry.payload().asReadOnlyByteBuffer());
            }
            if (corrupts) {
                payload.setByte(0, payload.getByte(0) ^ 1);
            }
            send(ctx, reply.setEntries(entries), payload);
        }

        private void send(ChannelHandlerContext ctx, Reply.Builder reply, @Nullable ByteBuf payload) {
            boolean isRequest = !reply.hasAppend() && !reply.hasHello();
            if (isRequest && !answersRequests) {
                return;
            }
            ctx.writeAndFlush(new OutgoingFrame(reply.build(), payload == null ? List.of() : List.of(payload)));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }

    private void hold(EntryHeader header, ByteBuf bytes) {
        if (Crc32c.of(bytes) != header.crc()) {
            throw new IllegalStateException("entry arrived corrupt");
        }
        ByteString copy = ByteString.copyFrom(bytes.nioBuffer());
        segments.computeIfAbsent(header.segment(), id -> new TreeMap<>()).put(header.entry(), new Held(header, copy));
    }

    private SegmentStats.Builder stats(Segment segment, Code code) {
        return SegmentStats.newBuilder().addSegments(stat(segment, code));
    }

    private SegmentStat.Builder stat(Segment segment, Code code) {
        TreeMap<Long, Held> held = segments.getOrDefault(WireMapping.fromMessage(segment), new TreeMap<>());
        return SegmentStat.newBuilder()
                .setSegment(segment)
                .setCode(code)
                .setLastEntry(held.isEmpty() ? -1 : held.lastKey())
                .setEndOffset(
                        held.isEmpty()
                                ? 0
                                : held.lastEntry().getValue().header().endOffset())
                .setLastConfirmed(-1)
                .setSnapshotEntry(-1);
    }
}
