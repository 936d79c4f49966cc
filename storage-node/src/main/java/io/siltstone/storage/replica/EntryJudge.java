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
 *
 * <p>OK means to take it, null that its id is held already, so that both have to be compared; anything else refuses it.
 */
final class EntryJudge {

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
    @Nullable
    Code append(EntryHeader header, ByteBuf payloads, int at) {
        if (store.isDropped(header.segment())) {
            return Code.FENCED;
        }
        SegmentReplica segment = store.segment(header.segment());
        if (segment != null && rules.refusesWriter(segment.isFenced())) {
            return Code.FENCED;
        }
        Code code = place(segment, header, payloads, at);
        return code == Code.OK && !hasRoomFor(header.kind()) ? Code.BUSY : code;
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
    @Nullable
    Code recovery(int epoch, EntryHeader header, ByteBuf payloads, int at) {
        SegmentReplica segment = store.segment(header.segment());
        if (store.isDropped(header.segment()) || (segment != null && epoch < segment.fencedEpoch())) {
            return Code.FENCED;
        }
        Code code = place(segment, header, payloads, at);
        return code == Code.OK && !space.admitsRecovery(queue.bytes()) ? Code.BUSY : code;
    }

    private @Nullable Code place(@Nullable SegmentReplica segment, EntryHeader header, ByteBuf payloads, int at) {
        if (header.length() > space.settings().maxEntryBytes()) {
            return Code.INVALID;
        }
        if (Crc32c.of(payloads, at, header.length()) != header.crc()) {
            return Code.CORRUPT;
        }
        if (segment == null || !segment.hasBegun()) {
            if (header.entry() == 0) {
                return Code.OK;
            }
            return store.mayHaveLost() ? Code.UNKNOWN : Code.OUT_OF_ORDER;
        }
        if (header.epoch() != segment.epoch()) {
            return Code.INVALID;
        }
        if (header.entry() <= segment.acceptedEntry()) {
            return null;
        }
        if (header.entry() > segment.acceptedEntry() + 1) {
            return Code.OUT_OF_ORDER;
        }
        return header.baseOffset() == segment.acceptedEndOffset() ? Code.OK : Code.INVALID;
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
