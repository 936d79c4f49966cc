package io.siltstone.tiering.upload;

import io.siltstone.format.manifest.CommitStamp;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Timers;
import io.siltstone.tiering.store.ObjectStoreException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
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
 * <p>Invariants: an object is uploaded to a fresh key, and checked there, before a manifest names it; a range starts where
 * the last one ended, or below the log start. Whatever a crash leaves is unnamed, and the next owner begins again at the
 * znode's pointer.
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

    private final TierContext context;
    private final ManifestCommits commits;
    private final BacklogGauge gauge = new BacklogGauge();
    private final Backoff backoff;
    private Phase phase = Phase.IDLE;
    private PartitionState state;
    private @Nullable SegmentCopy copy;
    private @Nullable String copyKey;
    private @Nullable ManifestRange uploaded;
    private Timers.@Nullable Timer timer;
    private long committedLogStart = -1;
    private long logStartCommittedMs = Long.MIN_VALUE / 2;
    private volatile boolean failing;

    Tierer(TierContext context, PartitionState state) {
        this.context = context;
        this.state = state;
        this.commits = new ManifestCommits(context);
        this.backoff = new Backoff(
                context.settings().firstBackoffMs(), context.settings().longestBackoffMs(), context.random());
        gauge.observe(state);
    }

    /** The znode as this owner last won or read it. */
    void stateChanged(PartitionState newState) {
        state = newState;
        gauge.observe(state);
        advance();
    }

    /** Stops; what is under way is abandoned, and nothing more is committed. */
    void close() {
        phase = Phase.CLOSED;
        commits.close();
        if (copy != null) {
            copy.cancel();
        }
        if (timer != null) {
            timer.cancel();
        }
    }

    /** Keys of objects of this ownership that a root may yet name: no orphans. */
    Set<String> keysInUse() {
        Set<String> keys = commits.keysInUse();
        if (copyKey != null) {
            keys.add(copyKey);
        }
        if (uploaded != null) {
            keys.add(uploaded.key());
        }
        return keys;
    }

    double untieredBytes() {
        return gauge.untieredBytes();
    }

    double untieredAgeMs() {
        return gauge.untieredAgeMs(context.timers().wallClockMs());
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
                    .acquire(
                            () -> gauge.missingCopies(context.live()),
                            slot -> context.loop().execute(() -> granted(slot)));
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
            gauge.uploaded(done.range());
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
        commits.make(
                state.manifest(),
                (before, stamp) -> before.append(List.of(range), Math.max(before.logStart(), logStart), stamp),
                this::settled);
    }

    private void commitLogStart() {
        phase = Phase.COMMITTING;
        long logStart = state.logStart();
        commits.make(state.manifest(), (before, stamp) -> logStartMoved(before, logStart, stamp), this::settled);
    }

    /** Nothing to commit where the log start has moved within the first range alone. */
    private static CompletionStage<? extends @Nullable ManifestCommit> logStartMoved(
            ManifestTree before, long logStart, CommitStamp stamp) {
        if (before.logStart() < logStart) {
            return before.dropBelow(logStart, stamp);
        }
        return before.lookupByOffset(0)
                .thenCompose(first -> first.isPresent() && first.get().endOffset() <= logStart
                        ? before.dropBelow(before.logStart(), stamp)
                        : CompletableFuture.<@Nullable ManifestCommit>completedFuture(null));
    }

    private void settled(ManifestCommits.Outcome outcome) {
        if (outcome instanceof ManifestCommits.Outcome.Committed done) {
            committed(done.root(), done.pointer());
        } else if (outcome instanceof ManifestCommits.Outcome.Unchanged) {
            committedLogStart = state.logStart();
            succeeded();
        } else if (outcome instanceof ManifestCommits.Outcome.Failed failure) {
            failed(failure.why());
        } else if (outcome instanceof ManifestCommits.Outcome.NotOwner) {
            close();
        }
    }

    private void committed(ManifestRoot root, ManifestPointer pointer) {
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
            committedLogStart = root.logStart();
            logStartCommittedMs = context.timers().nowMs();
        }
        if (!pointer.equals(state.manifest())) {
            state = state.withManifest(pointer);
        }
        gauge.observe(state);
        succeeded();
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
}
