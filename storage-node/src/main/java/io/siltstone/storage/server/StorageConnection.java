package io.siltstone.storage.server;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.FrameException;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.WireProtocol;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.DiskStatus;
import io.siltstone.log.wire.proto.Hello;
import io.siltstone.log.wire.proto.HelloReply;
import io.siltstone.log.wire.proto.Read;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.log.wire.proto.Segment;
import io.siltstone.storage.replica.ReplicaCore;
import io.siltstone.storage.replica.ReplicaReads;
import io.siltstone.storage.replica.SegmentStat;
import io.siltstone.storage.replica.WriterLink;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection: turns its frames into calls of the core, and the core's answers into frames. Owned by the event loop.
 *
 * <p>Its first request says hello to the right cluster and disk, or the connection ends.
 */
final class StorageConnection extends ChannelInboundHandlerAdapter {

    private static final Logger LOG = LoggerFactory.getLogger(StorageConnection.class);

    /** Fences and deletes of one connection that wait for the journal; some hundred bytes each. */
    private static final int MAX_WAITING_REQUESTS = 16_384;

    private final StorageServer server;
    private final ReplicaCore core;
    private @Nullable Link link;
    private boolean greeted;
    private String principal = "";

    StorageConnection(StorageServer server) {
        this.server = server;
        this.core = server.core();
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        link = new Link(ctx, server.limit().open(ctx.channel()));
        server.opened(ctx.channel());
    }

    @Override
    @SuppressWarnings("unchecked")
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Frame<Request> frame = (Frame<Request>) message;
        Link to = link;
        try {
            if (to != null) {
                serve(to, frame.header(), frame.payload());
            }
        } finally {
            frame.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        server.wakeJournal();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        Link to = link;
        if (to != null) {
            to.account.blocked(!ctx.channel().isWritable());
        }
    }

    private void serve(Link to, Request request, ByteBuf payload) {
        if (!greeted) {
            greet(to, request);
            return;
        }
        server.metrics().requested(request.getBodyCase(), payload.readableBytes());
        long id = request.getId();
        switch (request.getBodyCase()) {
            case APPEND -> append(to, request, payload);
            case FENCE -> {
                if (!to.mayWait(id)) {
                    return;
                }
                Segment segment = request.getFence().getSegment();
                long start = System.nanoTime();
                core.fence(WireMapping.fromMessage(segment), request.getFence().getEpoch(), stat -> {
                    server.metrics().fenced(System.nanoTime() - start);
                    to.answer(Replies.stats(id, List.of(stat)));
                });
            }
            case RECOVERY_APPEND -> recover(to, request, payload);
            case READ -> read(to, id, request.getRead());
            case STAT -> stat(to, request);
            case DELETE -> {
                if (!to.mayWait(id)) {
                    return;
                }
                PartitionId partition =
                        WireMapping.fromMessage(request.getDelete().getPartition());
                core.drop(partition, request.getDelete().getBelow(), () -> to.answer(Replies.done(id)));
            }
            case LIST -> {
                PartitionId only = request.getList().hasPartition()
                        ? WireMapping.fromMessage(request.getList().getPartition())
                        : null;
                to.send(Replies.stats(id, core.list(only)));
            }
            case STATUS -> to.send(status(id));
            case HELLO, BODY_NOT_SET -> throw new FrameException("unexpected request " + request.getBodyCase());
        }
    }

    private void greet(Link to, Request request) {
        Hello hello = request.getHello();
        String wrong = !request.hasHello()
                ? "the first request is no hello"
                : server.refusal(
                        hello.getVersion(),
                        hello.getClusterId(),
                        WireMapping.disk(hello.getDiskHigh(), hello.getDiskLow()));
        HelloReply reply = HelloReply.newBuilder()
                .setVersion(WireProtocol.VERSION)
                .setNode(server.settings().node())
                .build();
        if (wrong != null) {
            LOG.warn(
                    "Turned away {} from {}: {}",
                    hello.getPrincipal(),
                    to.ctx.channel().remoteAddress(),
                    wrong);
            Reply refusal = Replies.failed(request.getId(), Code.WRONG_DISK, wrong).toBuilder()
                    .setHello(reply)
                    .build();
            to.ctx.writeAndFlush(OutgoingFrame.of(refusal)).addListener(ChannelFutureListener.CLOSE);
            return;
        }
        greeted = true;
        principal = hello.getPrincipal();
        to.send(Reply.newBuilder()
                .setId(request.getId())
                .setCode(Code.OK)
                .setHello(reply)
                .build());
    }

    private void append(Link to, Request request, ByteBuf payload) {
        List<EntryHeader> headers = headers(request.getAppend().getEntriesList(), payload);
        long sequence = request.getAppend().getSequence();
        to.sent(sequence);
        if (to.account.take(InFlightLimit.heldBytes(payload.readableBytes(), headers.size()))) {
            core.append(to, sequence, headers, payload.retain());
        } else if (!core.refuse(to, sequence, headers)) {
            LOG.warn("Connection of '{}' ends: it is overloaded while what it repeats is compared", principal);
            to.ctx.close();
        }
    }

    private void recover(Link to, Request request, ByteBuf payload) {
        List<EntryHeader> headers = headers(request.getRecoveryAppend().getEntriesList(), payload);
        long bytes = InFlightLimit.heldBytes(payload.readableBytes(), headers.size());
        if (!to.account.take(bytes)) {
            to.send(Replies.failed(request.getId(), Code.BUSY, "too many requests are held"));
            return;
        }
        core.recoveryAppend(request.getRecoveryAppend().getEpoch(), headers, payload.retain(), result -> {
            to.account.release(bytes);
            to.send(
                    result.code() == Code.OK
                            ? Replies.stats(request.getId(), List.of(result.stat()))
                            : Replies.failed(request.getId(), result.code(), "recovery append refused"));
        });
    }

    private static List<EntryHeader> headers(List<io.siltstone.log.wire.proto.EntryHeader> messages, ByteBuf payload) {
        List<EntryHeader> headers = new ArrayList<>(messages.size());
        long bytes = 0;
        Segment lastMessage = null;
        SegmentId last = null;
        for (io.siltstone.log.wire.proto.EntryHeader message : messages) {
            if (last == null || !message.getSegment().equals(lastMessage)) {
                lastMessage = message.getSegment();
                last = WireMapping.fromMessage(lastMessage);
            }
            EntryHeader header = WireMapping.fromMessage(message, last);
            headers.add(header);
            bytes += header.length();
        }
        if (bytes != payload.readableBytes()) {
            throw new FrameException(messages.size() + " entries of " + bytes + " bytes came with a payload of "
                    + payload.readableBytes() + " bytes");
        }
        return headers;
    }

    private void read(Link to, long id, Read read) {
        int maxBytes = (int) Math.min(
                Integer.toUnsignedLong(read.getMaxBytes()), server.settings().maxReadBytes());
        ReadCharge charge = new ReadCharge(maxBytes);
        SegmentId segment = WireMapping.fromMessage(read.getSegment());
        long start = System.nanoTime();
        if (read.hasOffset()) {
            core.reads()
                    .fromOffset(
                            segment,
                            read.getOffset(),
                            read.getLastEntry(),
                            maxBytes,
                            charge,
                            answer -> answerRead(to, id, segment, charge, start, answer));
        } else {
            core.reads()
                    .fromEntry(
                            segment,
                            read.getEntry(),
                            read.getLastEntry(),
                            maxBytes,
                            charge,
                            answer -> answerRead(to, id, segment, charge, start, answer));
        }
    }

    private void answerRead(
            Link to, long id, SegmentId segment, ReadCharge charge, long start, ReplicaReads.ReadAnswer answer) {
        List<ByteBuf> payloads = answer.entries().payloads();
        server.metrics().read(System.nanoTime() - start, payloads);
        if (answer.code() == Code.CORRUPT) {
            LOG.error("Read of segment {} for {} failed: {}", segment, principal, answer.message());
        }
        if (!to.isOpen()) {
            answer.entries().release();
            charge.giveBack();
            return;
        }
        Reply reply = answer.code() == Code.OK
                ? Replies.entries(id, segment, answer.entries().headers())
                : Replies.failed(id, answer.code(), answer.message());
        to.ctx.writeAndFlush(new OutgoingFrame(reply, payloads)).addListener(written -> charge.giveBack());
    }

    private void stat(Link to, Request request) {
        List<SegmentStat> stats = new ArrayList<>(request.getStat().getSegmentsCount());
        for (Segment segment : request.getStat().getSegmentsList()) {
            stats.add(core.stat(WireMapping.fromMessage(segment)));
        }
        to.send(Replies.stats(request.getId(), stats));
    }

    private Reply status(long id) {
        return Reply.newBuilder()
                .setId(id)
                .setCode(Code.OK)
                .setStatus(DiskStatus.newBuilder()
                        .setDiskHigh(server.settings().disk().value().getMostSignificantBits())
                        .setDiskLow(server.settings().disk().value().getLeastSignificantBits())
                        .setLiveBytes(server.space().liveBytes())
                        .setUsedBytes(server.space().usedBytes())
                        .setLimitBytes(server.space().limitBytes())
                        .setSegments(core.segmentCount()))
                .build();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        LOG.warn("Connection of '{}' from {} ends: {}", principal, ctx.channel().remoteAddress(), cause.toString());
        LOG.debug("Why the connection ends", cause);
        ctx.close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        Link gone = link;
        if (gone != null) {
            gone.account.closed();
            core.closed(gone);
            server.closed(ctx.channel());
        }
    }

    /** What one read takes of the limit on all: what may be answered, or what has to be read for it where that is more. */
    private final class ReadCharge implements LongPredicate {
        private final int maxBytes;
        private long charged;

        ReadCharge(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        @Override
        public boolean test(long plannedBytes) {
            long wanted = Math.max(maxBytes, plannedBytes);
            if (!server.takeReadBytes(wanted)) {
                return false;
            }
            charged = wanted;
            return true;
        }

        void giveBack() {
            server.releaseReadBytes(charged);
            charged = 0;
        }
    }

    /** The core's way to the writer at the other end. */
    private final class Link extends WriterLink {
        private final ChannelHandlerContext ctx;
        private final InFlightLimit.Account account;
        private long lastSequence;
        private int waiting;

        Link(ChannelHandlerContext ctx, InFlightLimit.Account account) {
            this.ctx = ctx;
            this.account = account;
        }

        void send(Reply reply) {
            if (isOpen()) {
                ctx.writeAndFlush(OutgoingFrame.of(reply), ctx.voidPromise());
            }
        }

        /** Whether one more request may wait for the journal; where not it is answered. */
        boolean mayWait(long id) {
            if (waiting == MAX_WAITING_REQUESTS) {
                send(Replies.failed(id, Code.BUSY, "too many requests wait for the journal"));
                return false;
            }
            waiting++;
            return true;
        }

        /** Answers a request that waited. */
        void answer(Reply reply) {
            waiting--;
            send(reply);
        }

        void sent(long sequence) {
            if (sequence != lastSequence + 1) {
                throw new FrameException("frame " + sequence + " follows frame " + lastSequence);
            }
            lastSequence = sequence;
        }

        @Override
        protected void acknowledge(long sequence, List<Refusal> refusals) {
            server.metrics().refused(refusals);
            send(Replies.appended(sequence, refusals));
        }

        @Override
        protected void fenced(SegmentId segment) {
            send(Replies.fenced(segment));
        }

        @Override
        protected boolean isOpen() {
            return ctx.channel().isActive();
        }

        @Override
        protected void released(int payloadBytes, int entries) {
            account.release(InFlightLimit.heldBytes(payloadBytes, entries));
        }
    }
}
