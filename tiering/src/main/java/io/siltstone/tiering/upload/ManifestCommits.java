package io.siltstone.tiering.upload;

import io.siltstone.format.manifest.CommitStamp;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.UpdateResult;
import io.siltstone.tiering.store.ObjectStoreException;
import java.util.HashSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings changes into one owned partition's manifest, one at a time: computes a commit on the version that the znode
 * names, writes its objects, then has the znode name the new root (rule 12). Confined to the partition's event loop.
 *
 * <p>Invariants: nodes and root are proven to be in the bucket before the znode names them; the znode changes only from
 * the pointer that the root was built on, in this owner's epoch. A commit that failed on the way is tried again as it was,
 * so the same bytes go under the same keys, while the znode still names what it was computed on.
 */
final class ManifestCommits {

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

    /** Computes the commit, or null where there is nothing to change. Called on any thread. */
    interface Change {
        CompletionStage<? extends @Nullable ManifestCommit> of(ManifestTree before, CommitStamp stamp);
    }

    /** What became of a change. */
    sealed interface Outcome {

        /** The znode names the root. */
        record Committed(ManifestRoot root, ManifestPointer pointer) implements Outcome {}

        /** There was nothing to change. */
        record Unchanged() implements Outcome {}

        /** Another process owns the partition. */
        record NotOwner() implements Outcome {}

        /** To be tried again later. */
        record Failed(Throwable why) implements Outcome {}
    }

    private final TierContext context;
    private final ManifestStore manifests;
    private @Nullable Attempt attempt;
    private @Nullable ManifestTree tree;
    private long triedSequence;
    private boolean closed;

    ManifestCommits(TierContext context) {
        this.context = context;
        this.manifests = new ManifestStore(context.store(), context.keys());
    }

    /** Ignores what is under way: nothing more is committed, and no outcome is told. */
    void close() {
        closed = true;
    }

    /** Keys of objects that a root may yet name, or be. */
    Set<String> keysInUse() {
        Set<String> keys = new HashSet<>();
        if (attempt != null) {
            keys.add(attempt.commit().ref().key());
            attempt.commit().nodes().forEach(node -> keys.add(node.key()));
        }
        return keys;
    }

    /**
     * Changes the manifest; not before the change before it has its outcome.
     *
     * @param base the pointer in the znode
     */
    void make(@Nullable ManifestPointer base, Change change, Consumer<Outcome> done) {
        Attempt earlier = attempt;
        if (earlier != null && Objects.equals(earlier.base(), base)) {
            write(earlier, done);
            return;
        }
        attempt = null;
        CommitStamp stamp = stamp(base);
        then(
                treeOf(base)
                        .thenCompose(before -> change.of(before, stamp)
                                .thenApply(commit ->
                                        Optional.ofNullable(commit).map(made -> new Attempt(base, before, made)))),
                (made, failure) -> {
                    if (failure != null) {
                        tree = null;
                        done.accept(new Outcome.Failed(failure));
                    } else if (made == null || made.isEmpty()) {
                        done.accept(new Outcome.Unchanged());
                    } else {
                        attempt = made.get();
                        triedSequence = made.get().commit().root().sequence();
                        write(made.get(), done);
                    }
                });
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

    private CommitStamp stamp(@Nullable ManifestPointer base) {
        long sequence = Math.max(triedSequence, base == null ? 0 : base.sequence()) + 1;
        return new CommitStamp(
                context.epoch(),
                sequence,
                context.unique().get(),
                context.timers().wallClockMs());
    }

    private void write(Attempt current, Consumer<Outcome> done) {
        then(manifests.write(current.commit()), (written, failure) -> {
            if (failure == null) {
                publish(current, done);
                return;
            }
            if (!ObjectStoreException.from(failure, current.commit().ref().key())
                    .isRetriable()) {
                attempt = null;
            }
            done.accept(new Outcome.Failed(failure));
        });
    }

    private void publish(Attempt current, Consumer<Outcome> done) {
        ManifestPointer pointer = current.pointer();
        AtomicBoolean conflict = new AtomicBoolean(); // of the last look at the znode
        context.commit().update(now -> named(now, current.base(), pointer, conflict), result -> {
            if (closed) {
                return;
            }
            attempt = null;
            if (result != UpdateResult.DONE) {
                done.accept(new Outcome.NotOwner());
            } else if (conflict.get()) {
                tree = null;
                done.accept(new Outcome.Failed(new IllegalStateException("the znode does not name " + current.base()
                        + " any more, on which root " + pointer.root() + " was built")));
            } else {
                tree = current.before().after(current.commit());
                done.accept(new Outcome.Committed(current.commit().root(), pointer));
            }
        });
    }

    private @Nullable PartitionState named(
            PartitionState now, @Nullable ManifestPointer base, ManifestPointer pointer, AtomicBoolean conflict) {
        boolean named = Objects.equals(now.manifest(), pointer); // by an earlier attempt of unknown outcome
        boolean fits = now.epoch() == context.epoch() && Objects.equals(now.manifest(), base);
        conflict.set(!named && !fits);
        return !named && fits ? now.withManifest(pointer) : null;
    }

    private <T> void then(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> next) {
        var unused = stage.whenCompleteAsync(
                (value, failure) -> {
                    if (!closed) {
                        next.accept(value, failure);
                    }
                },
                context.loop());
    }
}
