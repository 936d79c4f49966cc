package io.siltstone.storage.replica;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One connection that appends: its frames in their order, and what it was told. Owned by the core's thread; the server
 * or the simulation says how answers travel.
 *
 * <p>Invariant: once an entry of a segment was refused, so are all later ones of that segment on this connection.
 */
public abstract class WriterLink {

    private final Deque<AppendFrame> frames = new ArrayDeque<>();
    private final Set<SegmentId> refused = new HashSet<>();
    private List<Refusal> untold = new ArrayList<>();
    private long taken;
    private long lastWritten;
    private long refusedBehind;
    private long fsynced;
    private long told;
    private boolean gone;

    /** What a writer is told of a segment that takes no more of it. */
    public record Refusal(SegmentId segment, long entry, Code code) {}

    /** A frame that waits to be taken. */
    static final class AppendFrame {
        final long sequence;
        final List<EntryHeader> headers;
        final ByteBuf payloads;
        int next;
        int payloadAt;

        AppendFrame(long sequence, List<EntryHeader> headers, ByteBuf payloads) {
            this.sequence = sequence;
            this.headers = headers;
            this.payloads = payloads;
            this.payloadAt = payloads.readerIndex();
        }

        boolean isDone() {
            return next == headers.size();
        }

        EntryHeader header() {
            return headers.get(next);
        }

        void step() {
            payloadAt += header().length();
            next++;
        }
    }

    /** Every frame up to the sequence is fsynced, but for entries of the segments that were ever refused. */
    protected abstract void acknowledge(long sequence, List<Refusal> refusals);

    /** Another epoch fenced the segment just now. */
    protected abstract void fenced(SegmentId segment);

    /** A frame is dealt with and its memory free; for who bounds what is in flight. */
    protected void released(int payloadBytes, int entries) {}

    /** Whether the connection is there; where it is gone nothing is told any more. */
    protected abstract boolean isOpen();

    /** The connection is gone: nobody hears of its segments, and none needs to know it. */
    void leave() {
        gone = true;
        if (frames.isEmpty()) {
            forget();
        }
    }

    boolean isGone() {
        return gone;
    }

    /** No frame of it comes any more. */
    void forget() {
        refused.clear();
        untold.clear();
    }

    Deque<AppendFrame> frames() {
        return frames;
    }

    boolean hasRefused(SegmentId segment) {
        return refused.contains(segment);
    }

    void refuse(SegmentId segment, long entry, Code code) {
        if (refused.add(segment)) {
            untold.add(new Refusal(segment, entry, code));
        }
    }

    void frameTaken(long sequence) {
        taken = sequence;
        lastWritten = sequence;
        refusedBehind = sequence;
    }

    /** Every entry of the frame was refused: it is answered as soon as the frames before it are. */
    void frameRefused(long sequence) {
        taken = sequence;
        refusedBehind = sequence;
        if (fsynced >= lastWritten) {
            fsynced = sequence;
        }
    }

    void frameFsynced(long sequence) {
        fsynced = sequence == lastWritten ? refusedBehind : sequence;
    }

    /** Sends what may be told and was not. */
    void tell(ReplicaRules rules) {
        long upTo = rules.answerable(taken, fsynced);
        if (!isOpen() || (upTo <= told && untold.isEmpty())) {
            return;
        }
        List<Refusal> refusals = untold;
        untold = new ArrayList<>();
        told = Math.max(told, upTo);
        acknowledge(told, refusals);
    }
}
