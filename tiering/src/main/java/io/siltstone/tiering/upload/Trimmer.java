package io.siltstone.tiering.upload;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Timers;
import io.siltstone.log.writer.UpdateResult;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes segments off the chain once nobody needs the disks' copies, and tells the disks (rule 13): the znode first, and
 * only what it says is told. Confined to the partition's event loop.
 */
final class Trimmer {

    private static final Logger log = LoggerFactory.getLogger(Trimmer.class);

    private static final long DROP_PATIENCE_MS = 5_000;

    private record Waiter(long offset, CompletableFuture<Void> done) {}

    private final TierContext context;
    private final Set<DiskId> told = new TreeSet<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private PartitionState state;
    private long confirmedSnapshot = -1;
    private long chosen;
    private int unanswered;
    private boolean changing;
    private boolean over;

    Trimmer(TierContext context, PartitionState state) {
        this.context = context;
        this.state = state;
    }

    void stateChanged(PartitionState newState, long newConfirmedSnapshot) {
        state = newState;
        confirmedSnapshot = Math.max(confirmedSnapshot, newConfirmedSnapshot);
        trim();
        answerWaiters();
    }

    /** Completes when no segment with an offset below this one is listed and the disks have been told. */
    CompletableFuture<Void> whenTrimmed(long offset) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        waiters.add(new Waiter(offset, done));
        answerWaiters();
        return done;
    }

    void close() {
        over = true;
        for (Waiter waiter : waiters) {
            waiter.done()
                    .completeExceptionally(new IllegalStateException(
                            "partition " + context.partition() + " is not owned here any more; ask its new owner"));
        }
        waiters.clear();
    }

    private void trim() {
        if (over || changing || Backlog.trimBelow(state, confirmedSnapshot).isEmpty()) {
            return;
        }
        changing = true;
        told.clear();
        context.commit().update(this::trimmed, this::settled);
    }

    private @Nullable PartitionState trimmed(PartitionState current) {
        OptionalLong below = Backlog.trimBelow(current, confirmedSnapshot);
        if (current.epoch() != context.epoch() || below.isEmpty()) {
            return null;
        }
        chosen = below.getAsLong();
        current.segments().stream()
                .filter(segment -> segment.number() < chosen)
                .map(ChainSegment::replicas)
                .forEach(told::addAll);
        return current.trimmedBelow(chosen);
    }

    private void settled(UpdateResult result) {
        changing = false;
        if (over || result != UpdateResult.DONE) {
            return;
        }
        if (state.trimBelow() < chosen) {
            state = state.trimmedBelow(chosen);
        }
        log.info("Partition {}: segments below {} are trimmed from {} disks", context.partition(), chosen, told.size());
        for (DiskId disk : told) {
            tell(disk, chosen);
        }
        trim();
        answerWaiters();
    }

    private void tell(DiskId disk, long below) {
        unanswered++;
        boolean[] answered = new boolean[1];
        Timers.Timer timeout = context.timers().schedule(DROP_PATIENCE_MS, () -> answered(answered));
        context.drops().drop(disk, context.partition(), below, dropped -> {
            timeout.cancel();
            answered(answered);
        });
    }

    private void answered(boolean[] already) {
        if (!already[0]) {
            already[0] = true;
            unanswered--;
            answerWaiters();
        }
    }

    private void answerWaiters() {
        if (unanswered > 0 || changing) {
            return;
        }
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            if (state.segments().stream().noneMatch(segment -> segment.baseOffset() < waiter.offset())) {
                all.remove();
                waiter.done().complete(null);
            }
        }
    }
}
