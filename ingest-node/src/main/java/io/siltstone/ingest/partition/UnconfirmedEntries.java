package io.siltstone.ingest.partition;

import io.siltstone.ingest.connection.RequestBudget;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * The appended entries of one partition above its high watermark, in order. Confined to the partition's event loop.
 *
 * <p>An answered request counts no longer against the node's budget; an entry whose producers were told of a time-out
 * still takes memory, so it is counted here until its fate is known.
 */
final class UnconfirmedEntries {

    private final ArrayDeque<UnconfirmedEntry> oldestFirst = new ArrayDeque<>();
    private final Set<UnconfirmedEntry> orphans = new HashSet<>();
    private final RequestBudget budget;

    UnconfirmedEntries(RequestBudget budget) {
        this.budget = budget;
    }

    void add(UnconfirmedEntry entry) {
        oldestFirst.add(entry);
    }

    int size() {
        return oldestFirst.size();
    }

    Optional<UnconfirmedEntry> at(long baseOffset) {
        for (UnconfirmedEntry entry : oldestFirst) {
            if (entry.baseOffset == baseOffset) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /** Hands over each entry that ends at or below the high watermark, with its reference of the batches. */
    void takeBelow(long highWatermark, Consumer<UnconfirmedEntry> confirmed) {
        for (UnconfirmedEntry head = oldestFirst.peek();
                head != null && head.endOffset <= highWatermark;
                head = oldestFirst.peek()) {
            oldestFirst.remove();
            disown(head);
            confirmed.accept(head);
        }
    }

    /** Lets go of everything: the fate of these entries is for the next owner to find out. */
    void fail(RuntimeException why) {
        for (UnconfirmedEntry entry = oldestFirst.poll(); entry != null; entry = oldestFirst.poll()) {
            disown(entry);
            entry.batches.release();
            entry.failed(why);
        }
    }

    void expire(long nowMs) {
        for (Iterator<UnconfirmedEntry> entries = oldestFirst.iterator(); entries.hasNext(); ) {
            UnconfirmedEntry entry = entries.next();
            boolean orphaned = entry.expire(
                    nowMs, new TimeoutException("the ack quorum did not confirm the batch in time; its fate is open"));
            if (orphaned && orphans.add(entry)) {
                budget.hold(entry.pinnedBytes);
            }
        }
    }

    private void disown(UnconfirmedEntry entry) {
        if (orphans.remove(entry)) {
            budget.free(entry.pinnedBytes);
        }
    }
}
