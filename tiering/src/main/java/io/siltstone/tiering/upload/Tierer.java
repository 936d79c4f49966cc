package io.siltstone.tiering.upload;

import io.siltstone.format.manifest.CommitStamp;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Timers;
import io.siltstone.log.writer.UpdateResult;
import io.siltstone.tiering.store.ObjectStoreException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one owned partition's closed segments into the bucket, and its manifest up to its log start. Confined to the
 * partition's event loop; everything slow happens elsewhere and comes back as a completion.
 *
 * <p>Phases: idle → waiting for a slot → copying → committing → idle. From copying and committing a failure leads to
 * backing off, and from there to idle. One step at a time, so that each root follows the one before.
 *
 * <p>Invariants: an object is uploaded to a fresh key, and checked there, before a manifest names it; nodes and root are
 * proven to be in the bucket before the znode names them; the znode changes only from the pointer that the root was
 * built on, in this owner's epoch; a range starts where the last one ended, or below the log start. Whatever a crash
 * leaves is unnamed, and the next owner begins again at the znode's pointer.
 */
public final class Tierer {

    private static final Logger log = LoggerFactory.getLogger(Tierer.class);

    private static final long LOG_START_COMMIT_MS = 60_000;

    private enum Phase {
        IDLE,
        WAITING_FOR_SLOT,
        COPYING,
        COMMITTING,
        BACKING_OFF,
        CLOSED
    }

    /** A commit that was computed, and what it was computed on. */
    private record Attempt(@Nullable ManifestPointer base, ManifestTree before, ManifestCommit commit) {
        ManifestPointer pointer() {
            return new ManifestPointer(
                    commit.ref().key(),
                    commit.ref().sha256(),
                    commit.root().epoch(),
                    commit.root().sequence(),
                    commit.root().endOffset(),
                    commit.root().bytes());
        }
    }

    private final TierContext context;
    private final ManifestStore manifests;
    private final Backoff backoff;
    private Phase phase = Phase.IDLE;
    private PartitionState state;
    private @Nullable SegmentCopy copy;
    private @Nullable String copyKey;
    private @Nullable ManifestRange uploaded;
    private @Nullable Attempt attempt;
    private @Nullable ManifestTree tree;
    private Timers.@Nullable Timer timer;
    private long triedSequence;
    private long committedLogStart = -1;
    private long logStartCommittedMs = Long.MIN_VALUE / 2;
    private boolean conflict;
    private volatile double bytesPerOffset;
    private volatile long untieredOffsets;
    private volatile long oldestCreatedMs = -1;
    private volatile boolean failing;
    private volatile List<ChainSegment.Closed> waitingSegments = List.of();

    Tierer(TierContext context, PartitionState state) {
        this.context = context;
        this.state = state;
        this.manifests = new ManifestStore(context.store(), context.keys());
        this.backoff = new Backoff(
                context.settings().firstBackoffMs(), context.settings().longestBackoffMs(), context.random());
        observe();
    }

    /** The znode as this owner last won or read it. */
    void stateChanged(PartitionState newState) {
        state = newState;
        observe();
        advance();
    }

    /** Stops; what is under way is abandoned, and nothing more is committed. */
    void close() {
        phase = Phase.CLOSED;
        if (copy != null) {
            copy.cancel();
        }
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Keys of objects of this ownership that a root may yet name: no orphans. */
    Set<String> keysInUse() {
        Set<String> keys = new HashSet<>();
        if (copyKey != null) {
            keys.add(copyKey);
        }
        if (uploaded != null) {
            keys.add(uploaded.key());
        }
        if (attempt != null) {
            keys.add(attempt.commit().ref().key());
            attempt.commit().nodes().forEach(node -> keys.add(node.key()));
        }
        return keys;
    }

    double untieredBytes() {
        return untieredOffsets * bytesPerOffset;
    }

    double untieredAgeMs() {
        long created = oldestCreatedMs;
        return created < 0 ? 0 : Math.max(0, context.timers().wallClockMs() - created);
    }

    /** How many copies what a slot would upload is short of; any thread. */
    private int missingCopies() {
        return Backlog.missingCopies(waitingSegments, context.live());
    }

    boolean isFailing() {
        return failing;
    }

    /** Begins the next step, if there is one and none is under way. A log start that moves often waits a while. */
    private void advance() {
        if (phase != Phase.IDLE || state.epoch() != context.epoch()) {
            return;
        }
        ManifestRange range = uploaded;
        if (range != null && range.endOffset() <= Backlog.settledOffset(state)) {
            uploaded = null; // retention has overtaken it; the object is an orphan now
            range = null;
        }
        if (range != null) {
            commitUploaded(range);
        } else if (!Backlog.untiered(state).isEmpty()) {
            phase = Phase.WAITING_FOR_SLOT;
            context.workers()
                    .acquire(this::missingCopies, slot -> context.loop().execute(() -> granted(slot)));
        } else if (state.manifest() != null && state.logStart() > committedLogStart) {
            long waitMs =
                    logStartCommittedMs + LOG_START_COMMIT_MS - context.timers().nowMs();
            if (waitMs > 0) {
                wake(waitMs);
            } else {
                commitLogStart();
            }
        }
    }

    private void granted(TieringWorkers.Slot slot) {
        List<ChainSegment.Closed> waiting = Backlog.untiered(state);
        if (phase != Phase.WAITING_FOR_SLOT || waiting.isEmpty()) {
            slot.release();
            if (phase == Phase.WAITING_FOR_SLOT) {
                phase = Phase.IDLE;
                advance();
            }
            return;
        }
        ChainSegment.Closed first = waiting.get(0);
        ManifestPointer manifest = state.manifest();
        long manifestEnd = manifest == null ? 0 : manifest.endOffset();
        if (first.baseOffset() < manifestEnd || first.baseOffset() > Backlog.settledOffset(state)) {
            slot.release();
            failed(new IllegalStateException("segment " + first.number() + " starts at " + first.baseOffset()
                    + ", the bucket ends at " + manifestEnd + " and the log starts at " + state.logStart()));
            return;
        }
        phase = Phase.COPYING;
        String key = context.keys()
                .segment(first.baseOffset(), context.epoch(), context.unique().get());
        copyKey = key;
        SegmentCopy started = new SegmentCopy(
                new SegmentCopy.Context(
                        context.partition(),
                        context.keys(),
                        context.topicName(),
                        context.replicas(),
                        context.timers(),
                        context.loop(),
                        context.store(),
                        context.transactions(),
                        context.settings()),
                Backlog.nextUpload(waiting, context.live()),
                key,
                slot,
                this::copied);
        copy = started;
        started.start();
    }

    private void copied(SegmentCopy.Outcome outcome) {
        copy = null;
        copyKey = null;
        if (phase != Phase.COPYING) {
            return;
        }
        if (outcome instanceof SegmentCopy.Outcome.Uploaded done) {
            uploaded = done.range();
            bytesPerOffset = (double) done.range().bytes()
                    / (done.range().endOffset() - done.range().baseOffset());
            phase = Phase.IDLE;
            advance();
        } else if (outcome instanceof SegmentCopy.Outcome.Failed failure) {
            failed(new ObjectStoreException(
                    ObjectStoreException.Kind.UNAVAILABLE, context.keys().segments(), failure.why(), null));
        }
    }

    private void commitUploaded(ManifestRange range) {
        phase = Phase.COMMITTING;
        long logStart = state.logStart();
        compute(before -> before.append(List.of(range), Math.max(before.logStart(), logStart), stamp()));
    }

    private void commitLogStart() {
        long waitMs =
                logStartCommittedMs + LOG_START_COMMIT_MS - context.timers().nowMs();
        if (waitMs > 0) {
            phase = Phase.BACKING_OFF;
            wake(waitMs);
            return;
        }
        phase = Phase.COMMITTING;
        long logStart = state.logStart();
        compute(before -> before.logStart() >= logStart
                ? before.lookupByOffset(0)
                        .thenCompose(first -> first.isPresent() && first.get().endOffset() <= logStart
                                ? before.dropBelow(before.logStart(), stamp())
                                : CompletableFuture.<@Nullable ManifestCommit>completedFuture(null))
                : before.dropBelow(logStart, stamp()));
    }

    private interface Change {
        CompletionStage<? extends @Nullable ManifestCommit> of(ManifestTree before);
    }

    /** Loads the version that the znode names, makes a commit of it, writes its objects, then the pointer. */
    private void compute(Change change) {
        ManifestPointer base = state.manifest();
        Attempt earlier = attempt;
        if (earlier != null && Objects.equals(earlier.base(), base)) {
            write(earlier); // its objects may be there already; the same bytes under the same keys do no harm
            return;
        }
        attempt = null;
        then(
                treeOf(base)
                        .thenCompose(before -> change.of(before)
                                .thenApply(commit ->
                                        Optional.ofNullable(commit).map(made -> new Attempt(base, before, made)))),
                (made, failure) -> {
                    if (failure != null) {
                        tree = null;
                        failed(failure);
                    } else if (made == null || made.isEmpty()) {
                        committedLogStart = state.logStart();
                        succeeded();
                    } else {
                        attempt = made.get();
                        triedSequence = made.get().commit().root().sequence();
                        write(made.get());
                    }
                });
    }

    private void write(Attempt current) {
        then(manifests.write(current.commit()), (written, failure) -> {
            if (failure == null) {
                publish(current);
                return;
            }
            if (!ObjectStoreException.from(failure, current.commit().ref().key())
                    .isRetriable()) {
                attempt = null;
            }
            failed(failure);
        });
    }

    private void publish(Attempt current) {
        ManifestPointer pointer = current.pointer();
        conflict = false;
        context.commit().update(now -> named(now, current.base(), pointer), result -> {
            if (phase == Phase.CLOSED) {
                return;
            }
            attempt = null;
            if (result != UpdateResult.DONE) {
                close();
                return;
            }
            if (conflict) {
                tree = null;
                failed(new IllegalStateException("the znode names " + state.manifest() + ", not " + current.base()
                        + " on which root " + pointer.root() + " was built"));
                return;
            }
            committed(current, pointer);
        });
    }

    private @Nullable PartitionState named(
            PartitionState now, @Nullable ManifestPointer base, ManifestPointer pointer) {
        if (Objects.equals(now.manifest(), pointer)) {
            return null; // an earlier attempt of unknown outcome
        }
        conflict = now.epoch() != context.epoch() || !Objects.equals(now.manifest(), base);
        return conflict ? null : now.withManifest(pointer);
    }

    private void committed(Attempt current, ManifestPointer pointer) {
        ManifestRange range = uploaded;
        if (range != null && pointer.endOffset() >= range.endOffset()) {
            context.metrics().committed(range.bytes());
            log.info(
                    "Partition {}: offsets {} to {} are in {}, {} bytes",
                    context.partition(),
                    range.baseOffset(),
                    range.endOffset(),
                    range.key(),
                    range.bytes());
            uploaded = null;
        } else {
            committedLogStart = current.commit().root().logStart();
            logStartCommittedMs = context.timers().nowMs();
        }
        tree = current.before().after(current.commit());
        if (!pointer.equals(state.manifest())) {
            state = state.withManifest(pointer);
        }
        observe();
        succeeded();
    }

    private CompletionStage<ManifestTree> treeOf(@Nullable ManifestPointer base) {
        ManifestTree known = tree;
        boolean fits = known != null
                && base != null
                && known.root() != null
                && known.root().sequence() == base.sequence()
                && known.root().epoch() == base.epoch();
        return fits && known != null ? CompletableFuture.completedFuture(known) : manifests.load(base);
    }

    private CommitStamp stamp() {
        ManifestPointer manifest = state.manifest();
        long sequence = Math.max(triedSequence, manifest == null ? 0 : manifest.sequence()) + 1;
        return new CommitStamp(
                context.epoch(),
                sequence,
                context.unique().get(),
                context.timers().wallClockMs());
    }

    private <T> void then(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
        var unused = stage.whenCompleteAsync(
                (value, failure) -> {
                    if (phase != Phase.CLOSED) {
                        next.accept(value, failure);
                    }
                },
                context.loop());
    }

    private void succeeded() {
        if (backoff.failures() > 0) {
            log.info("Partition {}: the bucket takes uploads again", context.partition());
        }
        backoff.succeeded();
        failing = false;
        phase = Phase.IDLE;
        advance();
    }

    private void failed(Throwable failure) {
        ObjectStoreException cause =
                ObjectStoreException.from(failure, context.keys().folder());
        long delayMs = backoff.failed();
        failing = true;
        context.metrics().failed();
        log.warn(
                "Partition {}: attempt {} to bring it into the bucket failed, next in {} ms: {}",
                context.partition(),
                backoff.failures(),
                delayMs,
                cause.getMessage());
        log.debug("Partition {}", context.partition(), cause);
        phase = Phase.BACKING_OFF;
        wake(delayMs);
    }

    private void wake(long delayMs) {
        if (timer != null) {
            timer.cancel();
        }
        timer = context.timers().schedule(delayMs, () -> {
            timer = null;
            if (phase == Phase.BACKING_OFF) {
                phase = Phase.IDLE;
            }
            advance();
        });
    }

    private void observe() {
        List<ChainSegment.Closed> waiting = Backlog.untiered(state);
        long settled = Backlog.settledOffset(state);
        ManifestPointer manifest = state.manifest();
        if (bytesPerOffset == 0 && manifest != null && manifest.endOffset() > 0) {
            bytesPerOffset = (double) manifest.bytes() / manifest.endOffset();
        }
        waitingSegments = waiting;
        untieredOffsets =
                waiting.isEmpty() ? 0 : waiting.get(waiting.size() - 1).end().endOffset() - settled;
        oldestCreatedMs = waiting.isEmpty() ? -1 : waiting.get(0).createdMs();
    }
}
