package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.writer.EnsembleAcks.Replica;
import io.siltstone.log.writer.Replicas.Refusal;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Set;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The quorum writer of one open segment: sends each entry to every replica, confirms what the ack quorum has fsynced
 * (rules 3 and 4). Confined to the partition's event loop.
 *
 * <p>Invariants: entry ids are dense; {@code confirmed} never falls and never moves again once {@link #freeze} was called
 * (rule 9); a replica that was given up is sent nothing more.
 */
final class SegmentWriter implements Replicas.AppendListener {

    interface Events {

        /** One more stretch of entries is confirmed, the last of them as given. */
        void confirmed(SentEntry last);

        /** Sent nothing more in this segment; the writer goes on without it. */
        void replicaGivenUp(DiskId disk, String why);

        void fenced(DiskId disk);
    }

    private final SegmentId id;
    private final ChainSegment.Open segment;
    private final LogSettings settings;
    private final Replicas port;
    private final LogRules rules;
    private final Events events;
    private final EnsembleAcks acks;

    /** Entries not yet confirmed, ascending. */
    private final ArrayDeque<SentEntry> unconfirmed = new ArrayDeque<>();

    /** Confirmed entries that a replica still sent to has not acknowledged, ascending. Their payloads are released. */
    private final ArrayDeque<SentEntry> lagging = new ArrayDeque<>();

    private long nextEntry;
    private long confirmed = -1;
    private long batchBytes;
    private long sentBytes;
    private BatchTimestamps confirmedTimestamps = BatchTimestamps.NONE;
    private BatchTimestamps sentTimestamps = BatchTimestamps.NONE;
    private long confirmedEndOffset;
    private boolean frozen;

    SegmentWriter(
            SegmentId id,
            ChainSegment.Open segment,
            LogSettings settings,
            Replicas port,
            Placement placement,
            LogRules rules,
            Events events) {
        this.id = id;
        this.segment = segment;
        this.settings = settings;
        this.port = port;
        this.rules = rules;
        this.events = events;
        acks = new EnsembleAcks(segment.ensemble(), segment.quorum(), placement::domain, rules);
        confirmedEndOffset = segment.baseOffset();
        port.listen(id, this);
    }

    ChainSegment.Open segment() {
        return segment;
    }

    SegmentId id() {
        return id;
    }

    long confirmed() {
        return confirmed;
    }

    /** The offset after the last confirmed record. */
    long confirmedEndOffset() {
        return confirmedEndOffset;
    }

    BatchTimestamps confirmedTimestamps() {
        return confirmedTimestamps;
    }

    BatchTimestamps sentTimestamps() {
        return sentTimestamps;
    }

    /** How many entries were sent. */
    long sentEntries() {
        return nextEntry;
    }

    /** Batch bytes sent; snapshots do not count. */
    long batchBytes() {
        return batchBytes;
    }

    int liveReplicas() {
        return acks.live();
    }

    /** Whether the replicas still sent to are enough, in count and in failure domains, to confirm anything. */
    boolean canConfirm() {
        return acks.canConfirm();
    }

    Set<DiskId> givenUp() {
        return acks.givenUp();
    }

    /** Sends record batches; takes the payload's reference over. */
    void appendBatches(
            long baseOffset, int offsetCount, long nowMs, long wallMs, BatchTimestamps timestamps, ByteBuf payload) {
        batchBytes += payload.readableBytes();
        sentTimestamps = sentTimestamps.and(timestamps);
        send(
                new EntryHeader(
                        id,
                        nextEntry,
                        segment.epoch(),
                        confirmed,
                        baseOffset,
                        offsetCount,
                        wallMs,
                        EntryKind.BATCHES,
                        0,
                        0,
                        crc(payload),
                        payload.readableBytes()),
                payload,
                timestamps,
                nowMs);
    }

    /** Sends again what an earlier segment did not confirm (rule 9). */
    void resend(SentEntry entry, long nowMs) {
        batchBytes += entry.header().length();
        sentTimestamps = sentTimestamps.and(entry.timestamps());
        send(entry.header().movedTo(id, nextEntry, confirmed), entry.payload(), entry.timestamps(), nowMs);
    }

    /** Sends the partition's state as it is at the offset; takes it over. Returns its bytes. */
    long appendSnapshot(long offset, long nowMs, long wallMs, ByteBuf state) {
        List<ByteBuf> chunks = Snapshots.chunks(sentTimestamps, state);
        long bytes = 0;
        for (int chunk = 0; chunk < chunks.size(); chunk++) {
            ByteBuf payload = chunks.get(chunk);
            bytes += payload.readableBytes();
            EntryHeader header = new EntryHeader(
                    id,
                    nextEntry,
                    segment.epoch(),
                    confirmed,
                    offset,
                    0,
                    wallMs,
                    EntryKind.SNAPSHOT,
                    chunk,
                    chunks.size(),
                    crc(payload),
                    payload.readableBytes());
            send(header, payload, BatchTimestamps.NONE, nowMs);
        }
        return bytes;
    }

    private void send(EntryHeader header, ByteBuf payload, BatchTimestamps timestamps, long nowMs) {
        sentBytes += header.length();
        unconfirmed.add(new SentEntry(header, payload, timestamps, sentBytes, nowMs));
        nextEntry++;
        if (frozen) {
            return;
        }
        List<Replica> replicas = acks.replicas();
        for (int i = 0; i < replicas.size(); i++) {
            Replica replica = replicas.get(i);
            if (!replica.isGivenUp()) {
                port.append(replica.disk, header, payload);
            }
        }
    }

    @Override
    public void acknowledged(DiskId disk, long lastEntry) {
        Replica replica = acks.of(disk);
        if (replica == null) {
            return;
        }
        if (lastEntry >= nextEntry) {
            throw new IllegalStateException(
                    "disk " + disk + " acknowledges entry " + lastEntry + " of " + id + ", sent were " + nextEntry);
        }
        if (replica.acknowledge(lastEntry)) {
            confirm();
        }
    }

    private void confirm() {
        if (frozen && !rules.confirmsWhileRolling()) {
            return;
        }
        long reached = acks.byQuorum();
        long everywhere = acks.byAllLive();
        SentEntry last = null;
        while (confirmed < reached) {
            last = unconfirmed.removeFirst();
            confirmed = last.header().entry();
            if (!last.isSnapshot()) {
                confirmedEndOffset = last.header().endOffset();
                confirmedTimestamps = confirmedTimestamps.and(last.timestamps());
            }
            last.payload().release();
            if (confirmed > everywhere) {
                lagging.add(last);
            }
        }
        dropAcknowledged(everywhere);
        if (last != null) {
            events.confirmed(last);
        }
    }

    private void dropAcknowledged(long everywhere) {
        while (!lagging.isEmpty() && lagging.peekFirst().header().entry() <= everywhere) {
            lagging.removeFirst();
        }
    }

    /** Gives up replicas that are past their bound of unacknowledged bytes or of time (rule 9). */
    void checkReplicas(long nowMs) {
        for (Replica replica : acks.replicas()) {
            if (replica.isGivenUp()) {
                continue;
            }
            SentEntry oldest = oldestUnacked(replica);
            if (oldest == null) {
                continue;
            }
            long unacked = sentBytes - oldest.sentBytes() + oldest.header().length();
            long ageMs = nowMs - oldest.sentMs();
            if (unacked > settings.maxUnackedBytes()) {
                giveUp(replica, unacked + " bytes are not acknowledged");
            } else if (ageMs > settings.replicaTimeoutMs()) {
                giveUp(replica, "nothing acknowledged for " + ageMs + " ms");
            }
        }
    }

    private @Nullable SentEntry oldestUnacked(Replica replica) {
        for (SentEntry entry : lagging) {
            if (entry.header().entry() > replica.acked()) {
                return entry;
            }
        }
        for (SentEntry entry : unconfirmed) {
            if (entry.header().entry() > replica.acked()) {
                return entry;
            }
        }
        return null;
    }

    @Override
    public void refused(DiskId disk, Refusal why) {
        Replica replica = acks.of(disk);
        if (replica == null) {
            return;
        }
        if (why == Refusal.FENCED) {
            events.fenced(disk);
        } else {
            giveUp(replica, "it refuses appends: " + why);
        }
    }

    @Override
    public void linkLost(DiskId disk, String why) {
        Replica replica = acks.of(disk);
        if (replica != null && replica.acked() < nextEntry - 1) {
            giveUp(replica, why);
        }
    }

    private void giveUp(Replica replica, String why) {
        if (replica.isGivenUp()) {
            return;
        }
        replica.giveUp();
        port.abandon(replica.disk, id);
        dropAcknowledged(acks.byAllLive());
        events.replicaGivenUp(replica.disk, why);
    }

    /** Rule 9: nothing is confirmed here any more, and nothing more is sent; what comes is kept for the next segment. */
    void freeze() {
        frozen = true;
    }

    /** Hands over what is not confirmed, with its references, and forgets the segment. */
    List<SentEntry> takeUnconfirmed() {
        List<SentEntry> taken = List.copyOf(unconfirmed);
        unconfirmed.clear();
        lagging.clear();
        port.forget(id);
        return taken;
    }

    long unconfirmedBytes() {
        SentEntry first = unconfirmed.peekFirst();
        return first == null
                ? 0
                : sentBytes - first.sentBytes() + first.header().length();
    }

    private static int crc(ByteBuf payload) {
        CRC32C crc = new CRC32C();
        if (payload.nioBufferCount() == 1) {
            crc.update(payload.internalNioBuffer(payload.readerIndex(), payload.readableBytes())
                    .duplicate());
        } else {
            for (java.nio.ByteBuffer part : payload.nioBuffers()) {
                crc.update(part);
            }
        }
        return (int) crc.getValue();
    }
}
