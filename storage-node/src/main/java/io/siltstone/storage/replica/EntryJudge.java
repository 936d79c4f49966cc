package io.siltstone.storage.replica;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.JournalQueue;
import io.siltstone.storage.journal.JournalSpace;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a storage disk takes an entry (rules 1, 2 and 13), and changes nothing. Owned by the core's thread.
 */
final class EntryJudge {

    /** What is to become of an entry. */
    sealed interface Verdict {

        /** It is the next one. */
        record Taken() implements Verdict {}

        /** Its id is held already: both have to be compared. */
        record Held() implements Verdict {}

        record Refused(Code code) implements Verdict {}
    }

    private static final Verdict TAKEN = new Verdict.Taken();
    private static final Verdict HELD = new Verdict.Held();

    private final SegmentStore store;
    private final JournalSpace space;
    private final JournalQueue queue;
    private final ReplicaRules rules;

    EntryJudge(SegmentStore store, JournalSpace space, JournalQueue queue, ReplicaRules rules) {
        this.store = store;
        this.space = space;
        this.queue = queue;
        this.rules = rules;
    }

    /**
     * Judges what the segment's writer sent.
     *
     * @param at where the entry's payload begins
     */
    Verdict append(EntryHeader header, ByteBuf payloads, int at) {
        if (store.isDropped(header.segment())) {
            return new Verdict.Refused(Code.FENCED);
        }
        SegmentReplica segment = store.segment(header.segment());
        if (segment != null && rules.refusesWriter(segment.isFenced())) {
            return new Verdict.Refused(Code.FENCED);
        }
        Verdict place = place(segment, header, payloads, at);
        return place instanceof Verdict.Taken && !hasRoomFor(header.kind()) ? new Verdict.Refused(Code.BUSY) : place;
    }

    /** Snapshots use the reserve as copies of recovery do: nothing leaves a full disk before a later segment has one. */
    private boolean hasRoomFor(EntryKind kind) {
        return kind == EntryKind.SNAPSHOT ? space.admitsRecovery(queue.bytes()) : space.admitsAppends(queue.bytes());
    }

    /**
     * Judges what recovery copies past its fence.
     *
     * @param epoch of the fence
     * @param at where the entry's payload begins
     */
    Verdict recovery(int epoch, EntryHeader header, ByteBuf payloads, int at) {
        SegmentReplica segment = store.segment(header.segment());
        if (store.isDropped(header.segment()) || (segment != null && epoch < segment.fencedEpoch())) {
            return new Verdict.Refused(Code.FENCED);
        }
        Verdict place = place(segment, header, payloads, at);
        return place instanceof Verdict.Taken && !space.admitsRecovery(queue.bytes())
                ? new Verdict.Refused(Code.BUSY)
                : place;
    }

    private Verdict place(@Nullable SegmentReplica segment, EntryHeader header, ByteBuf payloads, int at) {
        if (header.length() > space.settings().maxEntryBytes()) {
            return new Verdict.Refused(Code.INVALID);
        }
        if (Crc32c.of(payloads, at, header.length()) != header.crc()) {
            return new Verdict.Refused(Code.CORRUPT);
        }
        if (segment == null || !segment.hasBegun()) {
            if (header.entry() == 0) {
                return TAKEN;
            }
            return new Verdict.Refused(store.mayHaveLost() ? Code.UNKNOWN : Code.OUT_OF_ORDER);
        }
        if (header.epoch() != segment.epoch()) {
            return new Verdict.Refused(Code.INVALID);
        }
        if (header.entry() <= segment.acceptedEntry()) {
            return HELD;
        }
        if (header.entry() > segment.acceptedEntry() + 1) {
            return new Verdict.Refused(Code.OUT_OF_ORDER);
        }
        return header.baseOffset() == segment.acceptedEndOffset() ? TAKEN : new Verdict.Refused(Code.INVALID);
    }

    /** Judges a repetition: CONFLICT where other bytes are held under its id, or why that cannot be told. */
    static Code repetition(ReadResult held, EntryHeader header) {
        if (held instanceof ReadResult.Found found) {
            found.release();
            boolean same = !found.headers().isEmpty() && isSame(found.headers().get(0), header);
            return same ? Code.OK : Code.CONFLICT;
        }
        return held instanceof ReadResult.Busy ? Code.BUSY : Code.UNKNOWN;
    }

    private static boolean isSame(EntryHeader held, EntryHeader other) {
        return held.crc() == other.crc()
                && held.length() == other.length()
                && held.baseOffset() == other.baseOffset()
                && held.offsetCount() == other.offsetCount()
                && held.epoch() == other.epoch()
                && held.kind() == other.kind()
                && held.chunk() == other.chunk()
                && held.chunks() == other.chunks();
    }
}
