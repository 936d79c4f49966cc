package io.siltstone.log.writer;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.ChainStore.CasResult;
import io.siltstone.log.chain.ChainStore.ReadResult;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition's znode as its owner changes it: one compare-and-set at a time, unknown outcomes settled, ownership
 * checked before each attempt (rule 12). Confined to the partition's event loop.
 *
 * <p>Invariant: a change is told done only after a version that holds it was won or read. An outcome that is unknown is
 * settled by trying again with the same version: either that wins, and the earlier attempt cannot happen any more, or a
 * newer version is there to read.
 */
final class OwnedChain {

    private static final Logger LOG = LoggerFactory.getLogger(OwnedChain.class);

    private static final long FIRST_RETRY_MS = 50;
    private static final long LONGEST_RETRY_MS = 1_000;

    interface Events {

        /** A newer state was won or read, and this owner is still the one. */
        void stateChanged(PartitionState state);

        /** Nothing more will be done here. */
        void lost(Resignation why);
    }

    private record Pending(ChainChange change, boolean closes, java.util.function.Consumer<UpdateResult> done) {}

    private final PartitionId partition;
    private final Owner self;
    private final ChainStore store;
    private final Timers timers;
    private final LogRules rules;
    private final Events events;
    private final Queue<Pending> queue = new ArrayDeque<>();

    private @Nullable PartitionState state;
    private int version;
    private int epoch = -1;
    private boolean busy;
    private boolean over;
    private long retryMs = FIRST_RETRY_MS;

    OwnedChain(PartitionId partition, Owner self, ChainStore store, Timers timers, LogRules rules, Events events) {
        this.partition = partition;
        this.self = self;
        this.store = store;
        this.timers = timers;
        this.rules = rules;
        this.events = events;
    }

    /** The newest state known; only once claimed. */
    PartitionState state() {
        PartitionState known = state;
        if (known == null) {
            throw new IllegalStateException("partition " + partition + " is not claimed yet");
        }
        return known;
    }

    boolean isClaimed() {
        return epoch >= 0;
    }

    int epoch() {
        return epoch;
    }

    /** Rule 6: makes this incarnation the owner, with a new epoch; the last segment becomes "recovering". */
    void claim(Runnable claimed) {
        store.read(partition, result -> {
            if (over) {
                return;
            }
            if (result instanceof ReadResult.Found found) {
                attemptClaim(found.state(), found.version(), claimed);
            } else if (result instanceof ReadResult.Missing) {
                end(Resignation.DELETED);
            } else {
                later(() -> claim(claimed));
            }
        });
    }

    private void attemptClaim(PartitionState found, int foundVersion, Runnable claimed) {
        PartitionState next = found.claimedBy(self);
        store.compareAndSet(partition, foundVersion, next, result -> {
            if (over) {
                return;
            }
            if (result instanceof CasResult.Won won) {
                claimedWith(next, won.version(), claimed);
            } else if (result instanceof CasResult.Unknown) {
                later(() -> attemptClaim(found, foundVersion, claimed));
            } else {
                settleClaim(next.epoch(), claimed);
            }
        });
    }

    private void settleClaim(int attemptedEpoch, Runnable claimed) {
        store.read(partition, result -> {
            if (over) {
                return;
            }
            if (result instanceof ReadResult.Found found) {
                if (self.equals(found.state().owner()) && found.state().epoch() == attemptedEpoch) {
                    claimedWith(found.state(), found.version(), claimed);
                } else if (self.equals(found.state().assigned())) {
                    attemptClaim(found.state(), found.version(), claimed);
                } else {
                    end(Resignation.LOST);
                }
            } else if (result instanceof ReadResult.Missing) {
                end(Resignation.DELETED);
            } else {
                later(() -> settleClaim(attemptedEpoch, claimed));
            }
        });
    }

    private void claimedWith(PartitionState won, int wonVersion, Runnable claimed) {
        epoch = won.epoch();
        adopt(won, wonVersion);
        claimed.run();
        next();
    }

    /** Queues a change behind those before it. */
    void submit(ChainChange change, java.util.function.Consumer<UpdateResult> done) {
        submit(new Pending(change, false, done));
    }

    /** Queues the closing of a recovered segment (rule 8). */
    void submitClose(ChainChange change, java.util.function.Consumer<UpdateResult> done) {
        submit(new Pending(change, true, done));
    }

    private void submit(Pending pending) {
        if (over) {
            pending.done().accept(UpdateResult.NOT_OWNER);
            return;
        }
        queue.add(pending);
        next();
    }

    /** The metadata watch saw this version. */
    void observed(PartitionState seen, int seenVersion) {
        if (over || busy || !isClaimed() || seenVersion <= version) {
            return;
        }
        if (isOwn(seen)) {
            adopt(seen, seenVersion);
        } else {
            end(Resignation.LOST);
        }
    }

    /** Stops; every queued change is told that this is not the owner. */
    void close() {
        if (over) {
            return;
        }
        over = true;
        for (Pending pending = queue.poll(); pending != null; pending = queue.poll()) {
            pending.done().accept(UpdateResult.NOT_OWNER);
        }
    }

    private void next() {
        Pending head = queue.peek();
        if (busy || over || head == null || !isClaimed()) {
            return;
        }
        try {
            PartitionState changed = head.change().applyTo(state());
            if (changed == null) {
                finish();
                return;
            }
            busy = true;
            attempt(head, changed);
        } catch (IllegalStateException | IllegalArgumentException impossible) {
            LOG.error("Partition {}: a change of its state cannot be made, its ownership ends", partition, impossible);
            end(Resignation.CLOSED);
        }
    }

    private void attempt(Pending head, PartitionState changed) {
        int expected = head.closes() ? rules.closeExpects(version) : version;
        store.compareAndSet(partition, expected, changed, result -> {
            if (over) {
                return;
            }
            if (result instanceof CasResult.Won won) {
                retryMs = FIRST_RETRY_MS;
                adoptWhileBusy(changed, won.version());
                finish();
            } else if (result instanceof CasResult.Unknown) {
                later(() -> attempt(head, changed));
            } else {
                settle();
            }
        });
    }

    private void settle() {
        store.read(partition, result -> {
            if (over) {
                return;
            }
            if (result instanceof ReadResult.Found found && found.version() > version) {
                if (!isOwn(found.state())) {
                    end(Resignation.LOST);
                    return;
                }
                retryMs = FIRST_RETRY_MS;
                adoptWhileBusy(found.state(), found.version());
                next();
            } else if (result instanceof ReadResult.Missing) {
                end(Resignation.DELETED);
            } else {
                later(this::settle);
            }
        });
    }

    private void finish() {
        Pending head = queue.poll();
        if (head != null && !over) {
            head.done().accept(UpdateResult.DONE);
        }
        next();
    }

    private boolean isOwn(PartitionState seen) {
        return self.equals(seen.owner()) && seen.epoch() == epoch;
    }

    /**
     * The head of the queue is settled but not yet taken off: a change that a listener submits now must wait, or it would
     * be told done in the head's place.
     */
    private void adoptWhileBusy(PartitionState newer, int newerVersion) {
        adopt(newer, newerVersion);
        busy = false;
    }

    private void adopt(PartitionState newer, int newerVersion) {
        state = newer;
        version = newerVersion;
        if (isOwn(newer)) {
            events.stateChanged(newer);
        }
    }

    private void end(Resignation why) {
        if (!over) {
            close();
            events.lost(why);
        }
    }

    private void later(Runnable again) {
        long delay = retryMs;
        retryMs = Math.min(LONGEST_RETRY_MS, retryMs * 2);
        timers.schedule(delay, () -> {
            if (!over) {
                again.run();
            }
        });
    }
}
