package io.siltstone.log.client;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.wire.OutgoingFrame;
import io.siltstone.log.wire.proto.Append;
import io.siltstone.log.wire.proto.Request;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The entries of all segments on their way to one disk: those that wait for a frame, and the frames that wait for their
 * acknowledgement. Owns a reference of each payload until it goes out or is dropped. Confined to the loop of its link.
 */
final class AppendQueue {

    private record Waiting(SegmentStream stream, EntryHeader header, ByteBuf payload, int pinnedBytes) {}

    /** What a frame in flight holds: of each segment the last entry. */
    private record Sent(
            long sequence,
            long sentNanos,
            List<SegmentStream> streams,
            List<Long> lastEntries,
            int bytes,
            int pinned) {}

    /** Keeps the headers of tiny entries well within their limit. */
    private static final int MAX_ENTRIES = 16 << 10;

    private final int frameBytes;
    private final Backpressure backpressure;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private final ArrayDeque<Sent> inFlight = new ArrayDeque<>();
    private long waitingBytes;
    private long inFlightBytes;

    /** Of this connection. */
    private long sequence;

    /** Of all connections. */
    private long frames;

    AppendQueue(int frameBytes, Backpressure backpressure) {
        this.frameBytes = frameBytes;
        this.backpressure = backpressure;
    }

    /** Takes an entry that its stream has taken; retains the payload. */
    void add(SegmentStream stream, EntryHeader header, ByteBuf payload) {
        int pinned = Backpressure.pinnedBytes(payload);
        waiting.add(new Waiting(stream, header, payload.retainedDuplicate(), pinned));
        waitingBytes += header.length();
        backpressure.pin(pinned);
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    boolean hasFullFrame() {
        return waitingBytes >= frameBytes;
    }

    boolean hasInFlight() {
        return !inFlight.isEmpty();
    }

    long unackedBytes() {
        return waitingBytes + inFlightBytes;
    }

    /** When the oldest frame in flight went out; there must be one. */
    long oldestSentNanos() {
        return inFlight.element().sentNanos();
    }

    /** The next frame of what waits, which must not be nothing: up to the size of a full frame, at least one entry. */
    OutgoingFrame nextFrame(long nowNanos) {
        sequence++;
        frames++;
        Append.Builder append = Append.newBuilder().setSequence(sequence);
        List<ByteBuf> payloads = new ArrayList<>(Math.min(waiting.size(), 64));
        List<SegmentStream> streams = new ArrayList<>();
        List<Long> lastEntries = new ArrayList<>();
        int bytes = 0;
        int pinned = 0;
        for (Waiting next = waiting.peek();
                next != null && fits(next.header(), payloads.size(), bytes);
                next = waiting.peek()) {
            waiting.remove();
            append.addEntries(next.stream().message(next.header()));
            payloads.add(next.payload());
            bytes += next.header().length();
            pinned += next.pinnedBytes();
            int place = next.stream().place(frames, streams.size());
            if (place == streams.size()) {
                streams.add(next.stream());
                lastEntries.add(next.header().entry());
            } else {
                lastEntries.set(place, next.header().entry());
            }
        }
        waitingBytes -= bytes;
        inFlightBytes += bytes;
        inFlight.add(new Sent(sequence, nowNanos, streams, lastEntries, bytes, pinned));
        return new OutgoingFrame(Request.newBuilder().setAppend(append).build(), payloads);
    }

    private boolean fits(EntryHeader next, int entries, int bytes) {
        return entries == 0 || (entries < MAX_ENTRIES && bytes + next.length() <= frameBytes);
    }

    /**
     * Every frame up to this one is fsynced, but for what was refused.
     *
     * @return false where no such frame is in flight: the peer is broken
     */
    boolean acknowledge(long upTo) {
        if (upTo > sequence) {
            return false;
        }
        for (Sent sent = inFlight.peek(); sent != null && sent.sequence() <= upTo; sent = inFlight.peek()) {
            inFlight.remove();
            inFlightBytes -= sent.bytes();
            backpressure.unpin(sent.pinned());
            acknowledge(sent);
        }
        return true;
    }

    private static void acknowledge(Sent sent) {
        for (int i = 0; i < sent.streams().size(); i++) {
            SegmentStream stream = sent.streams().get(i);
            long before = stream.lastAcknowledged();
            stream.framed(sent.lastEntries().get(i));
            stream.tellAcknowledged(before);
        }
    }

    /** Drops what waits of the stream. */
    void drop(SegmentStream stream) {
        for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
            Waiting entry = each.next();
            if (entry.stream() == stream) {
                each.remove();
                dropped(entry);
            }
        }
    }

    /** Drops everything; the next connection counts its frames from 1 again. */
    void clear() {
        waiting.forEach(this::dropped);
        waiting.clear();
        inFlight.forEach(sent -> backpressure.unpin(sent.pinned()));
        inFlight.clear();
        inFlightBytes = 0;
        sequence = 0;
    }

    private void dropped(Waiting entry) {
        waitingBytes -= entry.header().length();
        entry.payload().release();
        backpressure.unpin(entry.pinnedBytes());
    }
}
