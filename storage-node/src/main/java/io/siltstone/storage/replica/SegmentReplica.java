package io.siltstone.storage.replica;

import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.index.MovedEntries;
import io.siltstone.storage.index.SegmentIndex;
import io.siltstone.storage.journal.CheckpointInput;
import io.siltstone.storage.journal.CheckpointOutput;
import io.siltstone.storage.journal.JournalAddress;
import io.siltstone.storage.journal.RecordFormat;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One segment on this disk. Owned by the core's thread.
 *
 * <p>Invariants: its entries are a prefix of the segment, without a gap; what is fsynced is a prefix of what is
 * accepted; all entries bear one writer's epoch; the fence's epoch never falls.
 */
final class SegmentReplica {

    private final SegmentId id;
    private final int lane;
    private final Set<Long> files = new HashSet<>();
    private SegmentIndex index;
    private int epoch = -1;
    private long baseOffset;
    private long acceptedEntry = -1;
    private long acceptedEndOffset;
    private long lastConfirmed = -1;
    private int fencedEpoch = -1;
    private boolean lossy;
    private long snapshotEntry = -1;
    private long snapshotBegun = -1;
    private int nextChunk;
    private @Nullable MovedEntries moves;
    private @Nullable WriterLink writer;

    /** @param lane groups write entries of one lane side by side */
    SegmentReplica(SegmentId id, int lane) {
        this.id = id;
        this.lane = lane;
        this.index = new SegmentIndex(0);
    }

    SegmentId id() {
        return id;
    }

    int lane() {
        return lane;
    }

    SegmentIndex index() {
        return index;
    }

    /** Whether an entry was accepted, and so its epoch and base offset are known. */
    boolean hasBegun() {
        return epoch >= 0;
    }

    int epoch() {
        return epoch;
    }

    long acceptedEntry() {
        return acceptedEntry;
    }

    long acceptedEndOffset() {
        return acceptedEndOffset;
    }

    /** Whether it refuses its writer; so does a segment that may have lost entries. */
    boolean isFenced() {
        return fencedEpoch >= 0 || lossy;
    }

    /** The greatest epoch that fenced it; -1 for none. */
    int fencedEpoch() {
        return fencedEpoch;
    }

    /** Whether entries or marks that were durable may be missing. */
    boolean isLossy() {
        return lossy;
    }

    void fence(int byEpoch) {
        fencedEpoch = Math.max(fencedEpoch, byEpoch);
    }

    void lose() {
        lossy = true;
    }

    @Nullable
    WriterLink writer() {
        return writer;
    }

    void writtenBy(@Nullable WriterLink link) {
        writer = link;
    }

    /** Whether it wrote or not: the link is gone. */
    @SuppressWarnings("ReferenceEquality")
    void leftBy(WriterLink link) {
        if (writer == link) {
            writer = null;
        }
    }

    /** The entry goes to the journal. */
    void accept(EntryHeader header) {
        begin(header);
        if (header.entry() != acceptedEntry + 1
                || header.epoch() != epoch
                || header.baseOffset() != acceptedEndOffset) {
            throw new IllegalStateException("accepted " + header + " behind entry " + acceptedEntry + ", offset "
                    + acceptedEndOffset + ", epoch " + epoch);
        }
        acceptedEntry = header.entry();
        acceptedEndOffset = header.endOffset();
    }

    private void begin(EntryHeader header) {
        if (!hasBegun()) {
            epoch = header.epoch();
            baseOffset = header.baseOffset();
            acceptedEndOffset = baseOffset;
            index = new SegmentIndex(baseOffset);
        }
    }

    /** The entry is durable. */
    void durable(EntryHeader header, long address) {
        begin(header);
        int bytes = RecordFormat.HEADER_BYTES + header.length();
        index.append(header.endOffset(), address, bytes);
        files.add(JournalAddress.fileNumber(address));
        lastConfirmed = Math.max(lastConfirmed, header.lastConfirmed());
        if (header.kind() == EntryKind.SNAPSHOT) {
            snapshotChunk(header);
        }
    }

    private void snapshotChunk(EntryHeader header) {
        if (header.chunk() == 0) {
            snapshotBegun = header.entry();
            nextChunk = 0;
        }
        if (snapshotBegun < 0 || header.chunk() != nextChunk) {
            snapshotBegun = -1;
            return;
        }
        nextChunk++;
        if (nextChunk == header.chunks()) {
            snapshotEntry = snapshotBegun;
            snapshotBegun = -1;
        }
    }

    /** After a start nothing waits for the journal. */
    void settle() {
        acceptedEntry = index.lastEntry();
        acceptedEndOffset = index.endOffset();
        if (snapshotEntry > acceptedEntry) {
            snapshotEntry = -1;
        }
        if (acceptedEntry < 0) {
            epoch = -1;
        }
    }

    /** Whether entries may lie in the file. */
    boolean liesIn(long fileNumber) {
        return files.contains(fileNumber);
    }

    /** A copy of the entry lies there. Tells the address of an earlier copy that it replaces, or -1. */
    long moved(EntryHeader header, long address) {
        if (moves == null) {
            moves = new MovedEntries();
        }
        files.add(JournalAddress.fileNumber(address));
        return moves.add(header.entry(), address, RecordFormat.HEADER_BYTES + header.length());
    }

    /** The copies since the last call, which the index is now to point to; null for none. */
    @Nullable
    MovedEntries takeMoves() {
        MovedEntries taken = moves;
        moves = null;
        return taken;
    }

    void isNotIn(long fileNumber) {
        files.remove(fileNumber);
    }

    /** @param lastEntry how far the answer may reach */
    SegmentStat stat(Code code, long lastEntry) {
        return new SegmentStat(
                id,
                code,
                lastEntry,
                lastConfirmed,
                baseOffset,
                lastEntry == index.lastEntry() ? Math.max(baseOffset, index.endOffset()) : acceptedEndOffset,
                snapshotEntry,
                index.bytes(),
                Math.max(0, epoch));
    }

    /** Its state and index at this moment. */
    View view() {
        return new View(
                id,
                epoch,
                baseOffset,
                lastConfirmed,
                fencedEpoch,
                lossy,
                snapshotEntry,
                snapshotBegun,
                nextChunk,
                index.view());
    }

    static SegmentReplica readFrom(CheckpointInput in, SegmentId id, int lane) throws IOException {
        SegmentReplica segment = new SegmentReplica(id, lane);
        segment.epoch = in.getInt();
        segment.baseOffset = in.getLong();
        segment.lastConfirmed = in.getLong();
        segment.fencedEpoch = in.getInt();
        segment.lossy = in.getByte() != 0;
        segment.snapshotEntry = in.getLong();
        segment.snapshotBegun = in.getLong();
        segment.nextChunk = in.getInt();
        segment.index = SegmentIndex.readFrom(in);
        segment.index.forEachExtent((first, count, address, bytes) -> {
            segment.files.add(JournalAddress.fileNumber(address));
            return true;
        });
        segment.settle();
        return segment;
    }

    /** A segment at one moment. */
    record View(
            SegmentId id,
            int epoch,
            long baseOffset,
            long lastConfirmed,
            int fencedEpoch,
            boolean lossy,
            long snapshotEntry,
            long snapshotBegun,
            int nextChunk,
            SegmentIndex.View index) {

        void writeTo(CheckpointOutput out) throws IOException {
            out.putLong(id.number())
                    .putInt(epoch)
                    .putLong(baseOffset)
                    .putLong(lastConfirmed)
                    .putInt(fencedEpoch)
                    .putByte(lossy ? 1 : 0)
                    .putLong(snapshotEntry)
                    .putLong(snapshotBegun)
                    .putInt(nextChunk);
            index.writeTo(out);
        }
    }
}
