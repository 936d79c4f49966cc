package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.AppendOrigin;

/**
 * The line of appends that wait for a partition's takeover to end, or for room: each within its request's own time, a
 * minute at most, and as long as it has a point ({@link AppendCallback#isPointless}). Confined to the partition's event
 * loop.
 *
 * <p>Its length is bounded by the node's budget for requests, which those that wait are still counted against.
 *
 * <p>Invariant: no batch passes an earlier one of its producer, also where the earlier one is late.
 */
final class WaitingAppends {

    private static final long LONGEST_WAIT_MS = 60_000;

    private final ArrayDeque<WaitingAppend> line = new ArrayDeque<>();

    /**
     * One append that waits; its bytes live as long as its callback is not called.
     *
     * @param deadlineMs when the producer stops waiting
     * @param waitsUntilMs when it leaves the line
     */
    record WaitingAppend(
            MemoryRecords records,
            ByteBuf bytes,
            int pinnedBytes,
            AppendOrigin origin,
            long deadlineMs,
            long waitsUntilMs,
            AppendCallback callback) {

        /** Who sent it; -1 where it is not an idempotent producer. */
        private long producerId() {
            return records.batches().iterator().next().producerId();
        }
    }

    boolean isEmpty() {
        return line.isEmpty();
    }

    /** Puts an append at the end of the line; the parameters are those of {@link Partition#append}. */
    void add(
            MemoryRecords records,
            ByteBuf bytes,
            int pinnedBytes,
            AppendOrigin origin,
            long deadlineMs,
            AppendCallback callback,
            long nowMs) {
        long waitsUntilMs = Math.min(deadlineMs, nowMs + LONGEST_WAIT_MS);
        line.add(new WaitingAppend(records, bytes, pinnedBytes, origin, deadlineMs, waitsUntilMs, callback));
    }

    /** Hands over the first in the line, again and again while there is room, which each may use up. */
    void drainWhile(BooleanSupplier hasRoom, Consumer<WaitingAppend> append) {
        while (!line.isEmpty() && hasRoom.getAsBoolean()) {
            append.accept(line.remove());
        }
    }

    /**
     * Lets go of appends that have no point any more, and of those that are late, with all that their producers sent
     * behind them: if the next batch of a producer that is not known here passed the one it must repeat, the repetition
     * would be out of sequence for ever.
     */
    void giveUp(long nowMs, Supplier<RuntimeException> why) {
        List<WaitingAppend> givenUp = new ArrayList<>();
        Set<Long> lateProducers = new HashSet<>();
        for (Iterator<WaitingAppend> all = line.iterator(); all.hasNext(); ) {
            WaitingAppend waiting = all.next();
            long producerId = waiting.producerId();
            boolean late = waiting.waitsUntilMs <= nowMs || lateProducers.contains(producerId);
            if (late && producerId != RecordBatch.NO_PRODUCER_ID) {
                lateProducers.add(producerId);
            }
            if (late || waiting.callback.isPointless()) {
                all.remove();
                givenUp.add(waiting);
            }
        }
        givenUp.forEach(each -> each.callback.givenUp(why.get()));
    }

    /** Lets go of everything. */
    void fail(RuntimeException why) {
        for (WaitingAppend next = line.poll(); next != null; next = line.poll()) {
            next.callback.failed(why);
        }
    }
}
