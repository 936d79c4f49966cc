package io.siltstone.client;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.ObjectReader;
import io.siltstone.client.source.PartitionManifest;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.manifest.ManifestCodec;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.RootRef;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Follows a partition's manifest roots back in time and checks that each is the one that its successor names. For one walk.
 */
final class RootChain {

    private final ObjectReader objects;
    private final PartitionManifest manifest;
    private final ManifestCodec codec;
    private final NodeCheck nodes;

    RootChain(ObjectReader objects, PartitionManifest manifest) {
        this.objects = objects;
        this.manifest = manifest;
        this.codec = new ManifestCodec(manifest.keys());
        this.nodes = new NodeCheck(objects, codec);
    }

    /** The newest root. */
    CompletableFuture<ManifestRoot> newest() {
        return load(manifest.root());
    }

    /**
     * Checks up to so many roots, the newest first, and as many of the nodes that they name. A node that the newest root
     * does not name any more may be gone; one that is there must be what was written.
     *
     * @return how many roots were checked; fails with {@link CorruptObjectException} at the first fault
     */
    CompletableFuture<Long> walk(long most) {
        return newest().thenCompose(root -> nodes.current(root, most).thenCompose(checked -> before(root, 1, most)));
    }

    private CompletableFuture<Long> before(ManifestRoot root, long checked, long most) {
        RootRef previous = root.previous();
        if (previous == null || checked >= most) {
            return CompletableFuture.completedFuture(checked);
        }
        return load(previous).thenCompose(older -> {
            if (older.sequence() >= root.sequence()
                    || older.epoch() > root.epoch()
                    || older.endOffset() > root.endOffset()
                    || older.logStart() > root.logStart()) {
                throw new CorruptObjectException(
                        previous.key(), NO_BLOCK, older.endOffset(), "it cannot come before root " + root.sequence());
            }
            return nodes.older(older, most).thenCompose(done -> before(older, checked + 1, most));
        });
    }

    private CompletableFuture<ManifestRoot> load(RootRef ref) {
        return objects.readAll(ref.key())
                .handle((bytes, failure) -> failure == null ? bytes : missing(ref, failure))
                .thenApply(bytes -> codec.decodeRoot(ref, bytes));
    }

    private static ByteBuffer missing(RootRef ref, Throwable failure) {
        if (HistoryException.is(failure, Kind.MISSING)) {
            throw new CorruptObjectException(ref.key(), NO_BLOCK, NO_OFFSET, "the root is missing");
        }
        throw HistoryException.asRuntime(failure);
    }
}
