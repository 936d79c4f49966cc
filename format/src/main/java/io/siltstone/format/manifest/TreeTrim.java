package io.siltstone.format.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Drops everything below an offset at the left edge of a tree: whole nodes unread, one path rewritten. */
final class TreeTrim {

    private final Function<NodeRef, CompletionStage<ManifestNode>> load;
    private final NodeWriter writer;
    private final List<ManifestChange.Named> dropped;

    TreeTrim(
            Function<NodeRef, CompletionStage<ManifestNode>> load,
            NodeWriter writer,
            List<ManifestChange.Named> dropped) {
        this.load = load;
        this.writer = writer;
        this.dropped = dropped;
    }

    /** What is left of the tree; empty where nothing is. */
    CompletionStage<Optional<NodeRef>> trim(@Nullable NodeRef tree, long logStart) {
        if (tree == null) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        if (tree.endOffset() <= logStart) {
            dropped.add(ManifestChange.Named.of(tree));
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return trimEdge(tree, logStart, true).thenApply(Optional::of);
    }

    /** @param top no other node stands beside or above it, so that it may shrink to its only child */
    private CompletionStage<NodeRef> trimEdge(NodeRef at, long logStart, boolean top) {
        return load.apply(at)
                .thenCompose(node -> node instanceof ManifestNode.Leaf leaf
                        ? CompletableFuture.completedFuture(trimLeaf(at, leaf, logStart))
                        : trimInner(at, (ManifestNode.Inner) node, logStart, top));
    }

    private NodeRef trimLeaf(NodeRef at, ManifestNode.Leaf leaf, long logStart) {
        List<ManifestRange> kept = leaf.ranges().stream()
                .filter(range -> range.endOffset() > logStart)
                .toList();
        if (kept.size() == leaf.ranges().size()) {
            return at;
        }
        leaf.ranges().stream()
                .limit(leaf.ranges().size() - kept.size())
                .map(ManifestChange.Named::of)
                .forEach(dropped::add);
        return writer.write(new ManifestNode.Leaf(kept));
    }

    private CompletionStage<NodeRef> trimInner(NodeRef at, ManifestNode.Inner inner, long logStart, boolean top) {
        List<NodeRef> left = new ArrayList<>(inner.children());
        while (left.get(0).endOffset() <= logStart) {
            dropped.add(ManifestChange.Named.of(left.remove(0)));
        }
        boolean only = top && left.size() == 1;
        return trimEdge(left.get(0), logStart, only).thenApply(first -> {
            if (only) {
                return first;
            }
            boolean same =
                    first.equals(left.get(0)) && left.size() == inner.children().size();
            left.set(0, first);
            return same ? at : writer.write(new ManifestNode.Inner(at.level(), left));
        });
    }
}
