package io.siltstone.format.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Adds ranges at the right edge of a tree: rewrites the path to it, fills its nodes and grows a level when needed. */
final class TreeAppend {

    private final Function<NodeRef, CompletionStage<ManifestNode>> load;
    private final NodeWriter writer;

    TreeAppend(Function<NodeRef, CompletionStage<ManifestNode>> load, NodeWriter writer) {
        this.load = load;
        this.writer = writer;
    }

    CompletionStage<NodeRef> append(@Nullable NodeRef tree, List<ManifestRange> added) {
        CompletionStage<List<NodeRef>> tops =
                tree == null ? CompletableFuture.completedFuture(leaves(added)) : replace(tree, added);
        return tops.thenApply(this::topOf);
    }

    private NodeRef topOf(List<NodeRef> nodes) {
        List<NodeRef> level = nodes;
        while (level.size() > 1) {
            level = parents(level);
        }
        return level.get(0);
    }

    /** The nodes that take the place of one: itself with more in it, and its new right neighbours. */
    private CompletionStage<List<NodeRef>> replace(NodeRef at, List<ManifestRange> added) {
        return load.apply(at).thenCompose(node -> {
            if (node instanceof ManifestNode.Leaf leaf) {
                List<ManifestRange> ranges = new ArrayList<>(leaf.ranges());
                ranges.addAll(added);
                return CompletableFuture.completedFuture(leaves(ranges));
            }
            List<NodeRef> children = new ArrayList<>(((ManifestNode.Inner) node).children());
            NodeRef last = children.remove(children.size() - 1);
            return replace(last, added).thenApply(replaced -> {
                children.addAll(replaced);
                return parents(children);
            });
        });
    }

    private List<NodeRef> leaves(List<ManifestRange> ranges) {
        List<NodeRef> leaves = new ArrayList<>();
        for (int from = 0; from < ranges.size(); from += ManifestTree.FAN_OUT) {
            int to = Math.min(from + ManifestTree.FAN_OUT, ranges.size());
            leaves.add(writer.write(new ManifestNode.Leaf(ranges.subList(from, to))));
        }
        return leaves;
    }

    private List<NodeRef> parents(List<NodeRef> children) {
        List<NodeRef> parents = new ArrayList<>();
        int level = children.get(0).level() + 1;
        for (int from = 0; from < children.size(); from += ManifestTree.FAN_OUT) {
            int to = Math.min(from + ManifestTree.FAN_OUT, children.size());
            parents.add(writer.write(new ManifestNode.Inner(level, children.subList(from, to))));
        }
        return parents;
    }
}
