package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry that is appended and not yet below the high watermark, and who waits for it: its producer, and the senders of
 * its repetitions. Confined to the partition's event loop.
 */
final class UnconfirmedEntry {

    final long baseOffset;
    final long endOffset;
    final ByteBuf batches;
    final int pinnedBytes;
    final long maxTimestamp;
    final long logAppendTimeMs;
    final ProducerStates.@Nullable Update producer;
    private final List<Waiting> waiting = new ArrayList<>(1);

    /** Takes over a reference of the batches. */
    UnconfirmedEntry(
            long baseOffset,
            long endOffset,
            ByteBuf batches,
            int pinnedBytes,
            long maxTimestamp,
            long logAppendTimeMs,
            ProducerStates.@Nullable Update producer) {
        this.baseOffset = baseOffset;
        this.endOffset = endOffset;
        this.batches = batches;
        this.pinnedBytes = pinnedBytes;
        this.maxTimestamp = maxTimestamp;
        this.logAppendTimeMs = logAppendTimeMs;
        this.producer = producer;
    }

    private record Waiting(AppendCallback callback, long deadlineMs) {}

    void await(AppendCallback callback, long deadlineMs) {
        waiting.add(new Waiting(callback, deadlineMs));
    }

    void confirmed(long logStartOffset) {
        waiting.forEach(each -> each.callback.appended(baseOffset, logAppendTimeMs, logStartOffset));
    }

    void failed(RuntimeException why) {
        waiting.forEach(each -> each.callback.failed(why));
        waiting.clear();
    }

    /**
     * Tells those whose time is over; the entry goes its way.
     *
     * @return nobody waits any more, and somebody did until now
     */
    boolean expire(long nowMs, RuntimeException why) {
        boolean awaited = !waiting.isEmpty();
        for (Waiting each : List.copyOf(waiting)) {
            if (each.deadlineMs <= nowMs) {
                waiting.remove(each);
                each.callback.failed(why);
            }
        }
        return awaited && waiting.isEmpty();
    }
}
