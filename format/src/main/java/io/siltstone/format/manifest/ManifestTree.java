package io.siltstone.format.manifest;

import io.siltstone.format.PartitionKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One version of a partition's manifest and the operations on it. Nodes are loaded through a port when they are needed
 * and checked against the hash that names them; a change computes new nodes and a new root and writes nothing.
 *
 * <p>The root keeps the newest {@value #TAIL_RANGES} ranges itself, so most commits write one small object. When they
 * are full they go to the right edge of a tree with up to {@value #FAN_OUT} entries per node: a million ranges are
 * three levels, so a lookup reads four objects, the root included.
 *
 * <p>Immutable. Runs on the caller's thread, or on that of the loader.
 */
public final class ManifestTree {

    static final int TAIL_RANGES = 16;
    static final int FAN_OUT = 128;

    private final PartitionKeys keys;
    private final ManifestCodec codec;
    private final NodeLoader loader;
    private final @Nullable RootRef ref;
    private final @Nullable ManifestRoot root;

    private ManifestTree(PartitionKeys keys, NodeLoader loader, @Nullable RootRef ref, @Nullable ManifestRoot root) {
        this.keys = keys;
        this.codec = new ManifestCodec(keys);
        this.loader = loader;
        this.ref = ref;
        this.root = root;
    }

    /** The manifest of a partition that has no root yet. */
    public static ManifestTree empty(PartitionKeys keys, NodeLoader loader) {
        return new ManifestTree(keys, loader, null, null);
    }

    /** The version that a root stands for. */
    public static ManifestTree of(PartitionKeys keys, NodeLoader loader, RootRef ref, ManifestRoot root) {
        return new ManifestTree(keys, loader, ref, root);
    }

    /** The version that a commit leads to. */
    public ManifestTree after(ManifestCommit commit) {
        return of(keys, loader, commit.ref(), commit.root());
    }

    /** Null for a partition that has no root yet. */
    public @Nullable ManifestRoot root() {
        return root;
    }

    /** The offset after the last one in the bucket; 0 without a root. */
    public long endOffset() {
        return root == null ? 0 : root.endOffset();
    }

    public long logStart() {
        return root == null ? 0 : root.logStart();
    }

    /**
     * Adds ranges behind the last one.
     *
     * @param added each starts where the one before ended; the first may leave a gap that lies below the log start
     * @param logStart the partition's log start, at least the one of this version
     * @return fails with IllegalArgumentException where the ranges do not fit
     */
    public CompletionStage<ManifestCommit> append(List<ManifestRange> added, long logStart, CommitStamp stamp) {
        if (added.isEmpty() || added.get(0).baseOffset() < endOffset()) {
            return CompletableFuture.failedFuture(
                    new IllegalArgumentException("cannot add " + added + " to a manifest that ends at " + endOffset()));
        }
        if (added.get(0).baseOffset() > Math.max(endOffset(), logStart)) {
            return CompletableFuture.failedFuture(new IllegalArgumentException("object "
                    + added.get(0).key() + " starts at " + added.get(0).baseOffset() + ", the manifest ends at "
                    + endOffset() + " and the log starts at " + logStart));
        }
        List<ManifestRange> tail = new ArrayList<>(tail());
        tail.addAll(added);
        ManifestChange change = new ManifestChange(
                ManifestChange.Kind.ADD,
                List.of(),
                added.stream().map(ManifestChange.Named::of).toList());
        NodeWriter writer = new NodeWriter(keys, codec, stamp);
        if (tail.size() <= TAIL_RANGES) {
            return completed(() -> commit(stamp, logStart, change, tree(), tail, writer));
        }
        return new TreeAppend(this::load, writer)
                .append(tree(), tail)
                .thenApply(tree -> commit(stamp, logStart, change, tree, List.of(), writer));
    }

    /**
     * Moves the log start and drops every range that ends at or below it. The objects themselves stay; ask the version
     * before for their names.
     */
    public CompletionStage<ManifestCommit> dropBelow(long logStart, CommitStamp stamp) {
        if (logStart < logStart()) {
            return CompletableFuture.failedFuture(new IllegalArgumentException(
                    "the log start cannot move back from " + logStart() + " to " + logStart));
        }
        NodeWriter writer = new NodeWriter(keys, codec, stamp);
        List<ManifestChange.Named> dropped = new ArrayList<>();
        return new TreeTrim(this::load, writer, dropped).trim(tree(), logStart).thenApply(tree -> {
            List<ManifestRange> kept = new ArrayList<>();
            for (ManifestRange range : tail()) {
                if (range.endOffset() > logStart) {
                    kept.add(range);
                } else {
                    dropped.add(ManifestChange.Named.of(range));
                }
            }
            ManifestChange change = new ManifestChange(ManifestChange.Kind.DROP, dropped, List.of());
            return commit(stamp, logStart, change, tree.orElse(null), kept, writer);
        });
    }

    /** The range that holds the offset, or the first one behind it. */
    public CompletionStage<Optional<ManifestRange>> lookupByOffset(long offset) {
        return first(node -> node.endOffset() > offset, range -> range.endOffset() > offset);
    }

    /** The first range with a record of at least that timestamp (ms): it holds the first such record in offset order. */
    public CompletionStage<Optional<ManifestRange>> lookupByTime(long timestamp) {
        return first(node -> node.greatestTimestamp() >= timestamp, range -> range.greatestTimestamp() >= timestamp);
    }

    /** The first range with a batch of a later epoch than that one: its epochs tell where that one ended. */
    public CompletionStage<Optional<ManifestRange>> lookupAfterEpoch(int epoch) {
        return first(node -> node.greatestEpoch() > epoch, range -> range.greatestEpoch() > epoch);
    }

    /** The range with the greatest timestamp, the first of several. */
    public CompletionStage<Optional<ManifestRange>> lookupGreatestTimestamp() {
        long inTree = tree() == null ? Long.MIN_VALUE : tree().greatestTimestamp();
        long greatest =
                tail().stream().mapToLong(ManifestRange::greatestTimestamp).reduce(inTree, Math::max);
        return lookupByTime(greatest);
    }

    /** Up to so many ranges in order, from the one that holds the offset on. */
    public CompletionStage<List<ManifestRange>> page(long offset, int maxRanges) {
        List<ManifestRange> found = new ArrayList<>();
        return new TreeScan(this::load, offset, maxRanges, found).scan(tree()).thenApply(done -> {
            for (ManifestRange range : tail()) {
                if (range.endOffset() > offset && found.size() < maxRanges) {
                    found.add(range);
                }
            }
            return found;
        });
    }

    /** The keys of all nodes of this version, without its root: what a collector must keep. */
    public CompletionStage<List<String>> nodeKeys() {
        List<String> found = new ArrayList<>();
        return collectKeys(tree(), found).thenApply(done -> found);
    }

    private CompletionStage<@Nullable Void> collectKeys(@Nullable NodeRef at, List<String> found) {
        if (at == null) {
            return CompletableFuture.completedFuture(null);
        }
        found.add(at.key());
        if (at.level() == 0) {
            return CompletableFuture.completedFuture(null);
        }
        return load(at).thenCompose(node -> {
            CompletionStage<@Nullable Void> last = CompletableFuture.completedFuture(null);
            for (NodeRef child : ((ManifestNode.Inner) node).children()) {
                last = last.thenCompose(done -> collectKeys(child, found));
            }
            return last;
        });
    }

    private CompletionStage<Optional<ManifestRange>> first(
            Predicate<NodeRef> inNode, Predicate<ManifestRange> inRange) {
        NodeRef tree = tree();
        if (tree != null && inNode.test(tree)) {
            return descend(tree, inNode, inRange);
        }
        return CompletableFuture.completedFuture(tail().stream().filter(inRange).findFirst());
    }

    private CompletionStage<Optional<ManifestRange>> descend(
            NodeRef at, Predicate<NodeRef> inNode, Predicate<ManifestRange> inRange) {
        return load(at).thenCompose(node -> {
            if (node instanceof ManifestNode.Leaf leaf) {
                return CompletableFuture.completedFuture(
                        leaf.ranges().stream().filter(inRange).findFirst());
            }
            NodeRef child = ((ManifestNode.Inner) node)
                    .children().stream().filter(inNode).findFirst().orElseThrow();
            return descend(child, inNode, inRange);
        });
    }

    private CompletionStage<ManifestNode> load(NodeRef at) {
        return loader.load(at.key()).thenApply(bytes -> codec.decodeNode(at, bytes));
    }

    private ManifestCommit commit(
            CommitStamp stamp,
            long logStart,
            ManifestChange change,
            @Nullable NodeRef tree,
            List<ManifestRange> tail,
            NodeWriter writer) {
        if (root != null && (stamp.sequence() <= root.sequence() || stamp.epoch() < root.epoch())) {
            throw new IllegalArgumentException("root " + stamp.epoch() + "/" + stamp.sequence() + " cannot follow "
                    + root.epoch() + "/" + root.sequence());
        }
        long end = Math.max(
                endOffset(), tail.isEmpty() ? 0 : tail.get(tail.size() - 1).endOffset());
        ManifestRoot next = new ManifestRoot(
                keys.topic(),
                keys.partition(),
                stamp.epoch(),
                stamp.sequence(),
                stamp.atMs(),
                Math.max(logStart, logStart()),
                Math.max(end, tree == null ? 0 : tree.endOffset()),
                ref,
                List.of(change),
                tree,
                tail);
        return new ManifestCommit(next, codec.encode(next), writer.written());
    }

    private static CompletionStage<ManifestCommit> completed(java.util.function.Supplier<ManifestCommit> commit) {
        return CompletableFuture.completedFuture(commit).thenApply(java.util.function.Supplier::get);
    }

    private @Nullable NodeRef tree() {
        return root == null ? null : root.tree();
    }

    private List<ManifestRange> tail() {
        return root == null ? List.of() : root.tail();
    }
}
