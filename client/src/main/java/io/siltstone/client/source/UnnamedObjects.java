package io.siltstone.client.source;

import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.ManifestCodec;
import io.siltstone.format.manifest.ManifestRoot;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Looks for objects of one partition that only a root behind its newest one can name: segment objects that begin at or
 * behind its end, and nodes written for a later root. An owner puts them first and the root right after, so one that
 * stays alone is either of a commit that broke off there, or its root was removed; the bucket alone cannot tell which.
 *
 * <p>What a former owner left is passed over: an owner names only what it uploaded itself, and roots of epochs below the
 * newest root's come before it. So is what begins below the log start: retention overtook it.
 */
final class UnnamedObjects {

    private static final int PAGE = 1_000;

    /** A cluster at work puts the root within this time: so many looks, each after a delay. */
    private static final int LOOKS = 5;

    private static final long DELAY_MS = 400;

    private final Bucket bucket;
    private final PartitionKeys keys;

    UnnamedObjects(Bucket bucket, PartitionKeys keys) {
        this.bucket = bucket;
        this.keys = keys;
    }

    /**
     * The first such object's key.
     *
     * @param newest a newer one counts if it is there by now; null where there was none
     */
    CompletableFuture<Optional<String>> beyond(@Nullable ManifestRoot newest) {
        return look(newest, 1);
    }

    private CompletableFuture<Optional<String>> look(@Nullable ManifestRoot root, int look) {
        return first(root)
                .thenCompose(found -> found.isEmpty()
                        ? CompletableFuture.completedFuture(found)
                        : newerThan(root).thenCompose(newer -> {
                            if (newer.isEmpty() && look == LOOKS) {
                                return CompletableFuture.completedFuture(found);
                            }
                            return newer.isPresent()
                                    ? look(newer.get(), look)
                                    : delay().thenCompose(waited -> look(root, look + 1));
                        }));
    }

    private CompletableFuture<Optional<String>> first(@Nullable ManifestRoot root) {
        long from = root == null ? 0 : Math.max(root.endOffset(), root.logStart());
        int epoch = root == null ? 0 : root.epoch();
        String nodes = root == null ? null : keys.nodesAfter(epoch, root.sequence());
        return firstOf(keys.segments(), keys.segmentsFrom(from), epoch)
                .thenCompose(segment -> segment.isPresent()
                        ? CompletableFuture.completedFuture(segment)
                        : firstOf(keys.nodes(), nodes, epoch));
    }

    /** The first key behind that one that carries at least the epoch. */
    private CompletableFuture<Optional<String>> firstOf(String prefix, @Nullable String after, int epoch) {
        return bucket.list(prefix, after).thenCompose(page -> {
            Optional<String> found = page.stream()
                    .filter(key -> PartitionKeys.epochOf(key).orElse(-1) >= epoch)
                    .findFirst();
            return found.isPresent() || page.size() < PAGE
                    ? CompletableFuture.completedFuture(found)
                    : firstOf(prefix, last(page), epoch);
        });
    }

    private CompletableFuture<Optional<ManifestRoot>> newerThan(@Nullable ManifestRoot root) {
        String known = root == null ? null : keys.root(root.epoch(), root.sequence());
        return new LastKey(bucket)
                .after(keys.roots(), known)
                .thenCompose(newest -> newest.isEmpty() || newest.get().equals(known)
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : bucket.readAll(newest.get())
                                .thenApply(
                                        bytes -> Optional.of(new ManifestCodec(keys).decodeRoot(newest.get(), bytes))));
    }

    private static String last(List<String> page) {
        return page.get(page.size() - 1);
    }

    private static CompletableFuture<@Nullable Void> delay() {
        return CompletableFuture.runAsync(() -> {}, CompletableFuture.delayedExecutor(DELAY_MS, TimeUnit.MILLISECONDS));
    }
}
