package io.siltstone.log.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.EventLoop;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Frame;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.WireMapping;
import io.siltstone.log.wire.proto.AppendReply;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.Reply;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.AppendListener;
import io.siltstone.log.writer.Replicas.Refusal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything between one event loop and one disk: the appends of all segments, coalesced into frames, the pending
 * requests, and the connection that takes them there. Confined to that loop.
 *
 * <p>When the connection breaks, or cannot be made, or the disk leaves too much unacknowledged for too long, every
 * segment with unacknowledged entries is told {@code linkLost} and sends nothing more here; a segment with none goes on
 * over the next connection. Listeners are never called from within a call of theirs.
 */
final class DiskLink implements DiskConnection.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(DiskLink.class);

    private static final int SWEEPS_PER_TIMEOUT = 4;
    private static final int MAX_SWEEP_MS = 250;

    private final DiskId disk;
    private final EventLoop loop;
    private final ReplicaClientSettings settings;
    private final DiskConnection connection;
    private final Map<SegmentId, AppendListener> listeners;
    private final Map<SegmentId, SegmentStream> streams = new HashMap<>();
    private final AppendQueue appends;
    private final HoldBack holdBack;
    private final PendingRequests requests = new PendingRequests();

    private boolean flushScheduled;
    private boolean lingering;
    private boolean sweeping;
    private boolean closed;

    DiskLink(
            DiskId disk,
            EventLoop loop,
            ReplicaClientSettings settings,
            DiskDirectory directory,
            Transport transport,
            Backpressure backpressure,
            Map<SegmentId, AppendListener> listeners) {
        this.disk = disk;
        this.loop = loop;
        this.settings = settings;
        this.listeners = listeners;
        connection = new DiskConnection(disk, loop, settings, directory, transport, this);
        appends = new AppendQueue(settings.flushBytes(), backpressure);
        holdBack = new HoldBack(settings.maxUnackedBytesPerDisk(), backpressure, System.nanoTime());
    }

    void append(EntryHeader header, ByteBuf payload) {
        SegmentStream stream = streams.get(header.segment());
        if (stream == null) {
            stream = openStream(header.segment());
        }
        if (closed || !stream.take(header)) {
            return;
        }
        appends.add(stream, header, payload);
        if (appends.unackedBytes() > settings.maxUnackedBytesPerDisk()) {
            breakOff(appends.unackedBytes() + " bytes are not acknowledged, the limit is "
                    + settings.maxUnackedBytesPerDisk());
            return;
        }
        holdBack.observe(appends.unackedBytes(), System.nanoTime());
        connection.connect();
        sweepLater();
        Channel to = connection.ready();
        if (to == null) {
            return;
        }
        if (appends.hasFullFrame() && to.isWritable()) {
            write(to, appends.nextFrame(System.nanoTime()));
            to.flush();
        }
        flushLater();
    }

    private SegmentStream openStream(SegmentId segment) {
        AppendListener listener = listeners.get(segment);
        if (listener == null) {
            throw new IllegalStateException("nobody listens to the answers for segment " + segment);
        }
        SegmentStream stream = new SegmentStream(segment, disk, listener);
        streams.put(segment, stream);
        return stream;
    }

    void abandon(SegmentId segment) {
        SegmentStream stream = streams.get(segment);
        if (stream != null) {
            stream.abandon();
            appends.drop(stream);
            holdBack.observe(appends.unackedBytes(), System.nanoTime());
        }
    }

    void forget(SegmentId segment) {
        SegmentStream stream = streams.remove(segment);
        if (stream != null) {
            stream.forget();
            appends.drop(stream);
            holdBack.observe(appends.unackedBytes(), System.nanoTime());
        }
    }

    /**
     * Asks something; the answer's frame is borrowed.
     *
     * @param payloads owned from now on
     */
    void ask(Request.Builder request, List<ByteBuf> payloads, Consumer<Answer<Frame<Reply>>> receiver) {
        if (closed || !requests.add(request, payloads, System.nanoTime(), receiver)) {
            payloads.forEach(ByteBuf::release);
            loop.execute(() -> receiver.accept(new Answer.Failed<>(closed ? "closed" : "too many requests wait")));
            return;
        }
        connection.connect();
        sweepLater();
        if (connection.isReady()) {
            flushLater();
        }
    }

    long unackedBytes() {
        return appends.unackedBytes();
    }

    boolean isConnected() {
        return connection.isReady();
    }

    /** Closes the connection for good; what is pending is told so. */
    void close() {
        closed = true;
        breakOff("closed");
    }

    private void flushLater() {
        if (flushScheduled) {
            return;
        }
        boolean linger = settings.lingerMicros() > 0 && appends.hasInFlight() && !appends.hasFullFrame();
        if (!linger) {
            flushScheduled = true;
            // Runs when the loop has read what waits.
            loop.execute(this::flush);
        } else if (!lingering) {
            lingering = true;
            loop.schedule(this::flush, settings.lingerMicros(), TimeUnit.MICROSECONDS);
        }
    }

    private void flush() {
        flushScheduled = false;
        lingering = false;
        Channel to = connection.ready();
        if (to == null) {
            return;
        }
        for (OutgoingFrame frame : requests.unsent()) {
            write(to, frame);
        }
        while (appends.hasWaiting() && to.isWritable()) {
            write(to, appends.nextFrame(System.nanoTime()));
        }
        to.flush();
    }

    private static void write(Channel to, OutgoingFrame frame) {
        to.write(frame).addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    }

    @Override
    public void connected() {
        flush();
    }

    @Override
    public void turnedAway(Code code, String message) {
        String why = "the node answers " + code + ": " + message;
        if (code == Code.WRONG_DISK) {
            refuseAll(why);
        }
        breakOff(why);
    }

    /** Another disk is there by now, so nothing can be said of this one any more (rule 1). */
    private void refuseAll(String why) {
        LOG.warn("Disk {} is not where it should be: {}", disk, why);
        for (SegmentStream stream : List.copyOf(streams.values())) {
            if (stream.hasUnacknowledged()) {
                stream.lose();
                stream.tellRefused(Refusal.UNUSABLE);
            }
        }
        giveAnswers(new Answer.Unknown<>());
    }

    private void giveAnswers(Answer<Frame<Reply>> answer) {
        if (!requests.isEmpty()) {
            List<Runnable> answers = requests.takeAll(answer);
            loop.execute(() -> answers.forEach(Runnable::run));
        }
    }

    @Override
    public void lost(String why) {
        breakOff(why);
    }

    /** Ends the connection, or the attempt to make one, and gives up whatever is under way. */
    private void breakOff(String why) {
        connection.end();
        appends.clear();
        holdBack.reset(System.nanoTime());
        List<SegmentStream> lost = streams.values().stream()
                .filter(SegmentStream::hasUnacknowledged)
                .toList();
        lost.forEach(SegmentStream::lose);
        LOG.info("Link to disk {} ended, {} segments leave it: {}", disk, lost.size(), why);
        loop.execute(() -> lost.forEach(stream -> stream.tellLost(why)));
        giveAnswers(new Answer.Failed<>(why));
    }

    @Override
    public void writable() {
        flush();
    }

    @Override
    public void replied(Frame<Reply> frame) {
        Reply reply = frame.header();
        switch (reply.getBodyCase()) {
            case APPEND -> acknowledged(reply.getAppend());
            case FENCED -> fenced(WireMapping.fromMessage(reply.getFenced()));
            case HELLO, STATS, ENTRIES, STATUS, BODY_NOT_SET -> requests.reply(frame);
        }
    }

    private void acknowledged(AppendReply reply) {
        for (io.siltstone.log.wire.proto.Refusal refusal : reply.getRefusalsList()) {
            refused(
                    WireMapping.fromMessage(refusal.getSegment()),
                    refusal.getEntry(),
                    switch (refusal.getCode()) {
                        case FENCED -> Refusal.FENCED;
                        case BUSY -> Refusal.BUSY;
                        case OK,
                                UNKNOWN,
                                OUT_OF_ORDER,
                                CONFLICT,
                                CORRUPT,
                                NO_SUCH_SEGMENT,
                                WRONG_DISK,
                                INVALID,
                                UNRECOGNIZED -> Refusal.UNUSABLE;
                    });
        }
        if (!appends.acknowledge(reply.getSequence())) {
            breakOff("it acknowledged frame " + reply.getSequence() + ", which was never sent");
            return;
        }
        holdBack.observe(appends.unackedBytes(), System.nanoTime());
        if (lingering && !appends.hasInFlight()) {
            flush();
        }
    }

    private void refused(SegmentId segment, long fromEntry, Refusal why) {
        SegmentStream stream = streams.get(segment);
        if (stream != null && stream.refuse(fromEntry)) {
            appends.drop(stream);
            stream.tellRefused(why);
        }
    }

    private void fenced(SegmentId segment) {
        SegmentStream stream = streams.get(segment);
        if (stream != null) {
            refused(segment, Long.MAX_VALUE, Refusal.FENCED);
            return;
        }
        AppendListener listener = listeners.get(segment);
        if (listener != null) {
            listener.refused(disk, Refusal.FENCED);
        }
    }

    private void sweepLater() {
        if (!sweeping) {
            sweeping = true;
            long timeoutMs = Math.min(settings.ackTimeoutMs(), settings.requestTimeoutMs());
            long sweepMs = Math.min(MAX_SWEEP_MS, Math.max(1, timeoutMs / SWEEPS_PER_TIMEOUT));
            loop.schedule(this::sweep, sweepMs, TimeUnit.MILLISECONDS);
        }
    }

    private void sweep() {
        sweeping = false;
        long nowNanos = System.nanoTime();
        requests.expire(
                nowNanos - TimeUnit.MILLISECONDS.toNanos(settings.requestTimeoutMs()),
                "no answer from disk " + disk + " within " + settings.requestTimeoutMs() + " ms");
        long connectingMs = connection.connectingMs(nowNanos);
        if (connectingMs > settings.ackTimeoutMs()) {
            breakOff("no connection within " + connectingMs + " ms");
        } else if (appends.hasInFlight()) {
            long ageMs = TimeUnit.NANOSECONDS.toMillis(nowNanos - appends.oldestSentNanos());
            if (ageMs > settings.ackTimeoutMs()) {
                breakOff("nothing acknowledged for " + ageMs + " ms");
            } else if (holdBack.isHolding() && holdBack.isSpent(nowNanos)) {
                breakOff("it has held all others back for too long, " + appends.unackedBytes()
                        + " bytes are not acknowledged");
            }
        }
        if (!requests.isEmpty() || appends.unackedBytes() > 0) {
            sweepLater();
        }
    }
}
