package io.siltstone.ingest.partition;

import io.siltstone.log.SegmentId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * How far a partition may be read, and who hears when that is further. Confined to the partition's event loop.
 *
 * <p>Invariant: it never falls (rule 4).
 */
final class HighWatermark {

    private final List<LongConsumer> listeners = new ArrayList<>();
    private final HighWatermarkWaiters waiters = new HighWatermarkWaiters();
    private long offset;
    private long segment = -1;
    private long lastEntry = -1;
    private long greatestTimestamp = -1;

    /** The offset after the last that may be read. */
    long offset() {
        return offset;
    }

    /** The last entry of the open segment that may be read; -1 where none may. */
    long lastEntry(long ofSegment) {
        return ofSegment == segment ? lastEntry : -1;
    }

    /** The greatest timestamp that may be read of the open segment; -1 where there is none. */
    long greatestTimestamp(long ofSegment) {
        return ofSegment == segment ? greatestTimestamp : -1;
    }

    /** Everything that a takeover recovered may be read. */
    void begin(long endOffset) {
        offset = endOffset;
    }

    /**
     * Everything below an offset is confirmed; nobody is told before {@link #announce}.
     *
     * @param newSegment which holds what is new, up to the last entry
     * @return false where that was known
     */
    boolean advance(long newOffset, SegmentId newSegment, long newLastEntry) {
        if (newOffset <= offset) {
            return false;
        }
        offset = newOffset;
        if (segment != newSegment.number()) {
            segment = newSegment.number();
            greatestTimestamp = -1;
        }
        lastEntry = newLastEntry;
        return true;
    }

    /** A batch that may be read now holds records up to this timestamp. */
    void include(long maxTimestamp) {
        greatestTimestamp = Math.max(greatestTimestamp, maxTimestamp);
    }

    /** Who calls is told each new high watermark, first the present one. */
    void addListener(LongConsumer listener) {
        listeners.add(listener);
        listener.accept(offset);
    }

    void removeListener(LongConsumer listener) {
        listeners.remove(listener);
    }

    /** Wakes the waiter once, at the next {@link #announce} or {@link #wakeAll}. */
    void await(HighWatermarkWaiters.Waiter waiter) {
        waiters.add(waiter);
    }

    /** Tells everybody where it is. */
    void announce() {
        wakeAll();
        long announced = offset;
        for (LongConsumer listener : List.copyOf(listeners)) {
            listener.accept(announced);
        }
    }

    /** Wakes who waits for more: there may be some, or there will be none. */
    void wakeAll() {
        waiters.wakeAll();
    }
}
