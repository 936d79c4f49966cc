package io.siltstone.format.manifest;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gathers ranges in order from an offset on, leaf by leaf, up to a number of them. */
final class TreeScan {

    private final Function<NodeRef, CompletionStage<ManifestNode>> load;
    private final long offset;
    private final int maxRanges;
    private final List<ManifestRange> found;

    TreeScan(
            Function<NodeRef, CompletionStage<ManifestNode>> load,
            long offset,
            int maxRanges,
            List<ManifestRange> found) {
        this.load = load;
        this.offset = offset;
        this.maxRanges = maxRanges;
        this.found = found;
    }

    CompletionStage<@Nullable Void> scan(@Nullable NodeRef at) {
        if (at == null || at.endOffset() <= offset || found.size() >= maxRanges) {
            return CompletableFuture.completedFuture(null);
        }
        return load.apply(at).thenCompose(node -> {
            if (node instanceof ManifestNode.Leaf leaf) {
                leaf.ranges().stream()
                        .filter(range -> range.endOffset() > offset)
                        .limit(maxRanges - found.size())
                        .forEach(found::add);
                return CompletableFuture.completedFuture(null);
            }
            CompletionStage<@Nullable Void> last = CompletableFuture.completedFuture(null);
            for (NodeRef child : ((ManifestNode.Inner) node).children()) {
                last = last.thenCompose(done -> scan(child));
            }
            return last;
        });
    }
}
