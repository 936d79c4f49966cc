package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.SegmentId;
import java.util.List;
import java.util.function.Consumer;

/**
 * Port: the storage disks, reached by name. Every call returns at once; answers come later on the caller's thread, or
 * never. Messages to one disk on behalf of one writer keep their order while the link to it lives; a broken link is told
 * to {@link AppendListener#linkLost}.
 */
public interface Replicas {

    /**
     * Sends an entry to one disk. Takes a reference of its own on the payload and releases it when the bytes are gone.
     *
     * @param disk of the segment's ensemble
     * @param payload the bytes between its indices, which stay as they are
     */
    void append(DiskId disk, EntryHeader header, ByteBuf payload);

    /** Who hears of the answers to {@link #append} for the segment, until {@link #forget}. */
    void listen(SegmentId segment, AppendListener listener);

    /** Answers for the segment are of no interest any more; what still waits to be sent for it is dropped. */
    void forget(SegmentId segment);

    /** What still waits to be sent for the segment to this disk is dropped, its memory freed (rule 9). */
    void abandon(DiskId disk, SegmentId segment);

    void fence(DiskId disk, SegmentId segment, int epoch, Consumer<Answer<SegmentStanding>> answer);

    /** Where the segment stands on the disk, asked after this call was made. */
    void stat(DiskId disk, SegmentId segment, Consumer<Answer<SegmentStanding>> answer);

    /**
     * Reads whole entries, from {@code fromEntry} to at most {@code lastEntry} and about {@code maxBytes}, at least one.
     * The receiver of the answer releases the payloads.
     */
    void read(
            DiskId disk,
            SegmentId segment,
            long fromEntry,
            long lastEntry,
            int maxBytes,
            Consumer<Answer<List<Entry>>> answer);

    /** Writes entries past the fence of {@code epoch}; the answer comes when they are fsynced. Borrows the payloads. */
    void recoveryAppend(DiskId disk, int epoch, List<Entry> entries, Consumer<Answer<SegmentStanding>> answer);

    /** An entry with its bytes; who receives it releases it. */
    record Entry(EntryHeader header, ByteBuf payload) {}

    /**
     * Where a segment stands on one disk.
     *
     * @param fenced refuses its writer
     * @param lastEntry the last fsynced entry; -1 for none
     * @param lastConfirmed a lower bound of what was confirmed; -1 for none
     * @param endOffset the offset after the last entry's
     * @param snapshotEntry where the latest complete snapshot begins; -1 for none
     */
    record SegmentStanding(boolean fenced, long lastEntry, long lastConfirmed, long endOffset, long snapshotEntry) {}

    /** A disk's answer. */
    sealed interface Answer<T> {
        record Ok<T>(T value) implements Answer<T> {}

        /** The disk says that it may have lost what it is asked about, or it is another disk by now (rule 1). */
        record Unknown<T>() implements Answer<T> {}

        /** No answer: refused for now, link lost or timed out. It may have happened. */
        record Failed<T>(String why) implements Answer<T> {}
    }

    /** What becomes of appended entries. */
    interface AppendListener {

        /** Every entry of the segment up to this one is fsynced on the disk. */
        void acknowledged(DiskId disk, long lastEntry);

        /** The disk refused an entry, and so all later ones. */
        void refused(DiskId disk, Refusal why);

        /** The link broke or the disk is too slow: whatever it has not acknowledged is unknown. */
        void linkLost(DiskId disk, String why);
    }

    /** Why a disk refused its writer. */
    enum Refusal {
        /** Another epoch fenced it: the writer is no longer the owner. */
        FENCED,
        /** The disk is full or overloaded. */
        BUSY,
        /** The disk is another one by now, lost data, or found the entry corrupt or out of order. */
        UNUSABLE
    }
}
