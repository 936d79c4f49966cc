package io.siltstone.tiering.retention;

import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectLister.Page;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.upload.ManifestStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes segment objects and manifest nodes of one owned partition that nothing refers to: what retention dropped, what
 * commits replaced, what crashes left (rule 14). Roots are never deleted: their chain tells what was replaced on
 * purpose. Confined to the partition's event loop.
 *
 * <p>An object is an orphan only if it was listed first, was then not in use by this owner, and then a znode read behind
 * a sync names a manifest without it; and if its key's epoch is below the partition's, so that no other owner can name it
 * any more, or this owner's own. It is deleted once it was an orphan in every pass of a grace period, on a monotonic
 * clock; a restart begins the grace anew.
 */
public final class GarbageCollector {

    private static final Logger log = LoggerFactory.getLogger(GarbageCollector.class);

    private static final int PAGE = 1_000;
    private static final int MOST_ORPHANS = 100_000;

    /** What a pass has found so far. */
    private static final class Pass {
        private final List<String> orphans = new ArrayList<>();
        private long segments;
        private long nodes;
        private long orphanSegmentsAboveStart;
        private long orphanNodes;
    }

    /** What a page is judged against. */
    private record View(PartitionState state, ManifestTree tree) {}

    private final PartitionKeys keys;
    private final int epoch;
    private final ObjectStore store;
    private final ManifestStore manifests;
    private final PartitionReader partition;
    private final Supplier<Set<String>> keysInUse;
    private final CollectionSettings settings;
    private final LongSupplier monotonicMs;
    private final Executor loop;
    private Map<String, Long> orphanSinceMs = new HashMap<>();
    private boolean collecting;

    /**
     * Of a partition owned in that epoch.
     *
     * @param keysInUse objects of this ownership that a root may yet name; asked on the event loop
     */
    public GarbageCollector(
            PartitionKeys keys,
            int epoch,
            ObjectStore store,
            PartitionReader partition,
            Supplier<Set<String>> keysInUse,
            CollectionSettings settings,
            LongSupplier monotonicMs,
            Executor loop) {
        this.keys = keys;
        this.epoch = epoch;
        this.store = store;
        this.manifests = new ManifestStore(store, keys);
        this.partition = partition;
        this.keysInUse = keysInUse;
        this.settings = settings;
        this.monotonicMs = monotonicMs;
        this.loop = loop;
    }

    /**
     * One pass; to be called from time to time, again after each.
     *
     * @return fails where the bucket or the znode could not be read, and then nothing was deleted, or while another pass
     *     is under way
     */
    public CompletableFuture<CollectionReport> collect() {
        if (collecting) {
            return CompletableFuture.failedFuture(new IllegalStateException("a pass is under way"));
        }
        collecting = true;
        Pass pass = new Pass();
        return segments(pass, null)
                .thenComposeAsync(done -> nodes(pass, null, new ArrayList<>()), loop)
                .thenComposeAsync(done -> delete(pass), loop)
                .toCompletableFuture()
                .whenCompleteAsync((report, failure) -> collecting = false, loop);
    }

    private CompletionStage<Void> segments(Pass pass, @Nullable String after) {
        return store.list(keys.segments(), after, PAGE)
                .thenComposeAsync(
                        page -> {
                            Set<String> inUse = Set.copyOf(keysInUse.get());
                            return view().thenComposeAsync(view -> judge(pass, page, inUse, view, 0), loop)
                                    .thenComposeAsync(
                                            done -> page.more() ? segments(pass, last(page)) : completed(), loop);
                        },
                        loop);
    }

    private CompletionStage<Void> judge(Pass pass, Page page, Set<String> inUse, View view, int index) {
        if (index == page.objects().size()) {
            return completed();
        }
        String key = page.objects().get(index).key();
        pass.segments++;
        OptionalInt keyEpoch = PartitionKeys.epochOf(key);
        if (keyEpoch.isEmpty() || !mayBeOrphan(keyEpoch.getAsInt(), view) || inUse.contains(key)) {
            return judge(pass, page, inUse, view, index + 1);
        }
        long base = PartitionKeys.baseOffsetOf(key).orElseThrow();
        return view.tree()
                .lookupByOffset(base)
                .thenComposeAsync(
                        range -> {
                            if (!names(range, key)) {
                                pass.orphans.add(key);
                                boolean belowStart = base < view.tree().logStart()
                                        && base < view.state().logStart();
                                pass.orphanSegmentsAboveStart += belowStart ? 0 : 1;
                            }
                            return judge(pass, page, inUse, view, index + 1);
                        },
                        loop);
    }

    private CompletionStage<Void> nodes(Pass pass, @Nullable String after, List<String> found) {
        return store.list(keys.nodes(), after, PAGE)
                .thenComposeAsync(
                        page -> {
                            page.objects().forEach(object -> found.add(object.key()));
                            if (page.more()) {
                                return nodes(pass, last(page), found);
                            }
                            Set<String> inUse = Set.copyOf(keysInUse.get());
                            return view().thenCompose(view -> view.tree()
                                    .nodeKeys()
                                    .thenAcceptAsync(
                                            named -> judgeNodes(pass, found, inUse, view, new HashSet<>(named)), loop));
                        },
                        loop);
    }

    private void judgeNodes(Pass pass, List<String> found, Set<String> inUse, View view, Set<String> named) {
        pass.nodes = found.size();
        for (String key : found) {
            OptionalInt keyEpoch = PartitionKeys.epochOf(key);
            boolean orphan = keyEpoch.isPresent()
                    && mayBeOrphan(keyEpoch.getAsInt(), view)
                    && !inUse.contains(key)
                    && !named.contains(key);
            if (orphan) {
                pass.orphans.add(key);
                pass.orphanNodes++;
            }
        }
    }

    private CompletionStage<CollectionReport> delete(Pass pass) {
        long now = monotonicMs.getAsLong();
        Map<String, Long> since = new HashMap<>();
        List<String> deletable = new ArrayList<>();
        for (String key : pass.orphans) {
            if (since.size() == MOST_ORPHANS) {
                break; // the rest in a later pass
            }
            long first = orphanSinceMs.getOrDefault(key, now);
            since.put(key, first);
            if (now - first >= settings.graceMs()) {
                deletable.add(key);
            }
        }
        orphanSinceMs = since;
        boolean braked = Brake.holdsSegments(pass.orphanSegmentsAboveStart, pass.segments)
                || Brake.holdsNodes(pass.orphanNodes, pass.nodes);
        if (braked) {
            log.error(
                    "{}: {} of {} segment objects and {} of {} manifest nodes seem unreferenced. Nothing is deleted;"
                            + " run verify, and delete by hand what is garbage indeed",
                    keys.folder(),
                    pass.orphanSegmentsAboveStart,
                    pass.segments,
                    pass.orphanNodes,
                    pass.nodes);
        }
        long listed = pass.segments + pass.nodes;
        if (braked || settings.dryRun() || deletable.isEmpty()) {
            return CompletableFuture.completedFuture(
                    new CollectionReport(listed, pass.orphans.size(), deletable, 0, braked));
        }
        return deleteAll(deletable, 0)
                .thenApplyAsync(
                        done -> {
                            deletable.forEach(orphanSinceMs::remove);
                            log.info("{}: deleted {} unreferenced objects", keys.folder(), deletable.size());
                            return new CollectionReport(
                                    listed, pass.orphans.size(), deletable, deletable.size(), false);
                        },
                        loop);
    }

    private CompletionStage<Void> deleteAll(List<String> deletable, int index) {
        return index == deletable.size()
                ? completed()
                : store.delete(deletable.get(index)).thenComposeAsync(done -> deleteAll(deletable, index + 1), loop);
    }

    /** The znode as it is now, and the manifest that it names. Fails where this owner is none any more. */
    private CompletionStage<View> view() {
        return partition.read().thenCompose(read -> {
            PartitionState state = read.orElseThrow(
                    () -> new IllegalStateException(keys.folder() + " belongs to a topic that was deleted"));
            if (state.epoch() != epoch) {
                throw new IllegalStateException(keys.folder() + " is owned in epoch " + state.epoch()
                        + " by now, this collector's is " + epoch);
            }
            return manifests.load(state.manifest()).thenApply(tree -> new View(state, tree));
        });
    }

    private boolean mayBeOrphan(int keyEpoch, View view) {
        return keyEpoch < view.state().epoch() || keyEpoch == epoch;
    }

    private static boolean names(Optional<ManifestRange> range, String key) {
        return range.isPresent() && range.get().key().equals(key);
    }

    private static String last(Page page) {
        List<ObjectInfo> objects = page.objects();
        return objects.get(objects.size() - 1).key();
    }

    private static CompletionStage<Void> completed() {
        return CompletableFuture.completedFuture(null);
    }
}
