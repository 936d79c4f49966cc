package io.siltstone.storage.replica;

import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads of what a storage disk holds: entries that are fsynced, or why there are none. Changes nothing. Owned by the
 * core's thread.
 */
public final class ReplicaReads {

    private final SegmentStore store;
    private final ReadPlanner planner;

    ReplicaReads(SegmentStore store, ReadPlanner planner) {
        this.store = store;
        this.planner = planner;
    }

    /** What a read came to; entries come with OK only, and may be none. */
    public record ReadAnswer(Code code, String message, ReadResult.Found entries) {

        private static ReadAnswer without(Code code, String message) {
            return new ReadAnswer(code, message, new ReadResult.Found(List.of(), List.of()));
        }

        private static ReadAnswer of(ReadResult result) {
            if (result instanceof ReadResult.Found found) {
                return new ReadAnswer(Code.OK, "", found);
            }
            return result instanceof ReadResult.Damaged damaged
                    ? without(Code.CORRUPT, damaged.what())
                    : without(Code.BUSY, "too many reads wait, or take the memory");
        }
    }

    /**
     * Whole entries from an id on, up to {@code lastEntry} and about {@code maxBytes}, at least one where it is there.
     *
     * @param admits asked for the bytes that have to be read, which may be more; where it refuses, the answer is BUSY.
     *     Not asked where nothing has to be read
     */
    public void fromEntry(
            SegmentId id, long entry, long lastEntry, int maxBytes, LongPredicate admits, Consumer<ReadAnswer> answer) {
        SegmentReplica segment = readable(id, answer);
        if (segment == null) {
            return;
        }
        if (entry > segment.index().lastEntry() && segment.isLossy()) {
            answer.accept(ReadAnswer.without(Code.UNKNOWN, "the disk may have lost entry " + entry));
            return;
        }
        planner.byEntry(
                segment,
                entry,
                lastOf(segment, lastEntry),
                maxBytes,
                admits,
                result -> answer.accept(ReadAnswer.of(result)));
    }

    /** The same from the entry on that holds an offset. */
    public void fromOffset(
            SegmentId id,
            long offset,
            long lastEntry,
            int maxBytes,
            LongPredicate admits,
            Consumer<ReadAnswer> answer) {
        SegmentReplica segment = readable(id, answer);
        if (segment == null) {
            return;
        }
        if (offset >= segment.index().endOffset() && segment.isLossy()) {
            answer.accept(ReadAnswer.without(Code.UNKNOWN, "the disk may have lost offset " + offset));
            return;
        }
        planner.byOffset(
                segment,
                offset,
                lastOf(segment, lastEntry),
                maxBytes,
                admits,
                result -> answer.accept(ReadAnswer.of(result)));
    }

    private @Nullable SegmentReplica readable(SegmentId id, Consumer<ReadAnswer> answer) {
        if (store.isDropped(id)) {
            answer.accept(ReadAnswer.without(Code.FENCED, "segment " + id + " was dropped"));
            return null;
        }
        SegmentReplica segment = store.segment(id);
        if (segment == null) {
            answer.accept(ReadAnswer.without(
                    store.mayHaveLost() ? Code.UNKNOWN : Code.NO_SUCH_SEGMENT, "segment " + id + " is not here"));
        }
        return segment;
    }

    private static long lastOf(SegmentReplica segment, long lastEntry) {
        return Math.min(lastEntry, segment.index().lastEntry());
    }
}
