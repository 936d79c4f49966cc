package io.siltstone.log.writer;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.SegmentEnd;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One roll of an open segment (rule 9): nothing more is confirmed in it for good, then one compare-and-set closes it at
 * its last confirmed entry and registers the next. Confined to the partition's event loop.
 *
 * <p>States: waiting (for disks, or after rolls that confirmed nothing) → sent → registered. It may be given up while it
 * waits; once it is sent its outcome must be known first.
 */
final class Roll {

    interface Events {

        /** It is about to be sent: whether that is still wanted. */
        boolean mayRoll();

        /** Disks that failed lately; taken only where there are not enough others, as are those that failed here. */
        Set<DiskId> resting();

        /** The znode names the next segment as open. Not called where the ownership ended. */
        void registered(SegmentWriter closed);
    }

    private final SegmentWriter segment;
    private final NextSegment next;
    private final Timers timers;
    private final Events events;
    private final boolean despiteRoom;
    private boolean sent;

    /**
     * A roll that has not begun.
     *
     * @param despiteRoom whether disks without room will do: not after a disk refused, it would refuse again
     */
    Roll(SegmentWriter segment, NextSegment next, Timers timers, Events events, boolean despiteRoom) {
        this.segment = segment;
        this.next = next;
        this.timers = timers;
        this.events = events;
        this.despiteRoom = despiteRoom;
    }

    /** Freezes the segment now. */
    void start(long delayMs) {
        segment.freeze();
        if (delayMs == 0) {
            send();
        } else {
            timers.schedule(delayMs, this::send);
        }
    }

    /** Its outcome is not known. */
    boolean isSent() {
        return sent;
    }

    private void send() {
        if (!events.mayRoll()) {
            return;
        }
        Set<DiskId> avoided = new HashSet<>(events.resting());
        avoided.addAll(segment.givenUp());
        List<DiskId> ensemble = despiteRoom ? next.chooseDespiteRoom(avoided) : next.choose(avoided);
        if (ensemble.isEmpty()) {
            timers.schedule(NextSegment.RETRY_MS, this::send);
            return;
        }
        sent = true;
        next.registerRolled(ensemble, known -> close(known, segment), result -> {
            sent = false;
            if (result == UpdateResult.DONE) {
                events.registered(segment);
            }
        });
    }

    /** The state with the writer's segment closed at its last confirmed entry; unlisted where there is none. */
    static PartitionState close(PartitionState known, SegmentWriter segment) {
        PartitionState closed = segment.confirmed() < 0
                ? known.withLastUnlisted()
                : known.withLastClosed(((ChainSegment.Open) known.last().orElseThrow()).close(end(segment)));
        if (closed.closedEndOffset() != segment.confirmedEndOffset()) {
            throw new IllegalStateException("segment " + segment.id() + " is confirmed up to offset "
                    + segment.confirmedEndOffset() + ", the chain would end at " + closed.closedEndOffset());
        }
        return closed;
    }

    private static SegmentEnd end(SegmentWriter segment) {
        BatchTimestamps timestamps = segment.confirmedTimestamps();
        return new SegmentEnd(segment.confirmed(), segment.confirmedEndOffset(), timestamps.max(), timestamps.offset());
    }
}
