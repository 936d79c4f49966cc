package io.siltstone.tiering.retention;

import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.tiering.retention.RetentionDecision.Part;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.upload.Backlog;
import io.siltstone.tiering.upload.Commit;
import io.siltstone.tiering.upload.ManifestStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves one owned partition's log start as its topic's retention asks. Confined to the partition's event loop; the
 * manifest is read elsewhere.
 */
public final class PartitionRetention {

    private static final Logger log = LoggerFactory.getLogger(PartitionRetention.class);

    private static final int RANGES_PER_PAGE = 128;

    private final PartitionKeys keys;
    private final int epoch;
    private final ManifestStore manifests;
    private final Commit commit;
    private final Executor loop;
    private boolean checking;

    /** Of a partition owned in that epoch. */
    public PartitionRetention(PartitionKeys keys, int epoch, ObjectStore store, Commit commit, Executor loop) {
        this.keys = keys;
        this.epoch = epoch;
        this.manifests = new ManifestStore(store, keys);
        this.commit = commit;
        this.loop = loop;
    }

    /**
     * Applies the policy to the partition as it stands; to be called from time to time. Does nothing while an earlier
     * call is under way, or while the bucket has not yet followed the last move of the log start.
     *
     * @param wallClockMs against which records' timestamps age
     * @return completes when the log start is where the policy wants it, or nothing can be done now
     */
    public CompletableFuture<Void> check(PartitionState state, RetentionPolicy policy, long wallClockMs) {
        if (checking || policy.isForEver()) {
            return CompletableFuture.completedFuture(null);
        }
        checking = true;
        return manifests
                .load(state.manifest())
                .thenCompose(tree -> tree.root() != null && tree.logStart() < state.logStart()
                        ? CompletableFuture.completedFuture(state.logStart())
                        : decide(tree, state, policy, wallClockMs, state.logStart(), bytes(tree)))
                .toCompletableFuture()
                .whenCompleteAsync((newLogStart, failure) -> checking = false, loop)
                .thenComposeAsync(newLogStart -> move(state.logStart(), newLogStart), loop)
                .exceptionally(failure -> {
                    log.warn("Retention of {} could not be applied now: {}", keys.folder(), failure.getMessage());
                    return null;
                });
    }

    private CompletionStage<Long> decide(
            ManifestTree tree, PartitionState state, RetentionPolicy policy, long nowMs, long from, long bytes) {
        return tree.page(from, RANGES_PER_PAGE).thenCompose(page -> {
            List<Part> parts = new ArrayList<>();
            page.forEach(range -> parts.add(new Part(range.endOffset(), range.bytes(), range.greatestTimestamp())));
            boolean last = page.size() < RANGES_PER_PAGE;
            if (last) {
                Backlog.untiered(state)
                        .forEach(segment -> parts.add(new Part(
                                segment.end().endOffset(), 0, segment.end().maxTimestamp())));
            }
            long start = RetentionDecision.newLogStart(policy, from, bytes, nowMs, parts);
            boolean all =
                    !parts.isEmpty() && start >= parts.get(parts.size() - 1).endOffset();
            if (last || !all) {
                return CompletableFuture.completedFuture(start);
            }
            long left = bytes - page.stream().mapToLong(ManifestRange::bytes).sum();
            return decide(tree, state, policy, nowMs, start, left);
        });
    }

    private CompletionStage<Void> move(long oldLogStart, long newLogStart) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        if (newLogStart <= oldLogStart) {
            done.complete(null);
            return done;
        }
        commit.update(
                now -> now.epoch() != epoch || now.logStart() >= newLogStart ? null : now.withLogStart(newLogStart),
                result -> {
                    log.info(
                            "Retention moved the log start of {} from {} to {}: {}",
                            keys.folder(),
                            oldLogStart,
                            newLogStart,
                            result);
                    done.complete(null);
                });
        return done;
    }

    private static long bytes(ManifestTree tree) {
        return tree.root() == null ? 0 : tree.root().bytes();
    }
}
