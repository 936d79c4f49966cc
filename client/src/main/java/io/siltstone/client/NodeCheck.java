package io.siltstone.client;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.ObjectReader;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.manifest.ManifestCodec;
import io.siltstone.format.manifest.ManifestNode;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.NodeRef;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Checks the manifest nodes below a partition's roots against the hashes above them, each node once. One call at a time.
 */
final class NodeCheck {

    private final ObjectReader objects;
    private final ManifestCodec codec;
    private final Set<String> checked = new HashSet<>();

    NodeCheck(ObjectReader objects, ManifestCodec codec) {
        this.objects = objects;
        this.codec = codec;
    }

    /** Checks the newest root's nodes, up to so many of all calls: each of them must be there. */
    CompletableFuture<@Nullable Void> current(ManifestRoot root, long most) {
        return tree(root, most, false);
    }

    /** Checks an older root's nodes: those that newer roots do not name may have been collected. */
    CompletableFuture<@Nullable Void> older(ManifestRoot root, long most) {
        return tree(root, most, true);
    }

    private CompletableFuture<@Nullable Void> tree(ManifestRoot root, long most, boolean mayBeGone) {
        NodeRef top = root.tree();
        return top == null ? CompletableFuture.completedFuture(null) : each(List.of(top), 0, most, mayBeGone);
    }

    private CompletableFuture<@Nullable Void> each(List<NodeRef> nodes, int from, long most, boolean mayBeGone) {
        int next = from;
        while (next < nodes.size() && checked.contains(nodes.get(next).key())) {
            next++;
        }
        if (next == nodes.size() || checked.size() >= most) {
            return CompletableFuture.completedFuture(null);
        }
        int after = next + 1;
        return node(nodes.get(next), most, mayBeGone).thenCompose(done -> each(nodes, after, most, mayBeGone));
    }

    private CompletableFuture<@Nullable Void> node(NodeRef ref, long most, boolean mayBeGone) {
        checked.add(ref.key());
        return objects.readAll(ref.key())
                .handle((bytes, failure) -> failure == null ? bytes : absent(ref, mayBeGone, failure))
                .thenCompose(bytes -> bytes != null && codec.decodeNode(ref, bytes) instanceof ManifestNode.Inner inner
                        ? each(inner.children(), 0, most, mayBeGone)
                        : CompletableFuture.completedFuture(null));
    }

    private static @Nullable ByteBuffer absent(NodeRef ref, boolean mayBeGone, Throwable failure) {
        if (!HistoryException.is(failure, Kind.MISSING)) {
            throw HistoryException.asRuntime(failure);
        }
        if (mayBeGone) {
            return null;
        }
        throw new CorruptObjectException(ref.key(), NO_BLOCK, ref.baseOffset(), "the manifest node is missing");
    }
}
