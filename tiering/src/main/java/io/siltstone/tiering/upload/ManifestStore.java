package io.siltstone.tiering.upload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.ManifestCodec;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestObject;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.manifest.NodeLoader;
import io.siltstone.format.manifest.RootRef;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import io.siltstone.tiering.store.PutResult;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * One partition's manifest objects in the bucket: reads the version that a pointer names, and writes a commit's objects,
 * proven to be there. Has no state of its own; stages complete on threads of the store.
 */
public final class ManifestStore {

    /** More than any root or node can have. */
    private static final int MAX_OBJECT_BYTES = 4 << 20;

    private final ObjectStore store;
    private final PartitionKeys keys;
    private final NodeLoader loader;

    public ManifestStore(ObjectStore store, PartitionKeys keys) {
        this(store, keys, key -> read(store, key));
    }

    /** With a loader of nodes that may keep what it has read. */
    public ManifestStore(ObjectStore store, PartitionKeys keys, NodeLoader loader) {
        this.store = store;
        this.keys = keys;
        this.loader = loader;
    }

    /** The version that the znode names; an empty one for null. Fails where the root is not there or not what is named. */
    public CompletionStage<ManifestTree> load(@Nullable ManifestPointer pointer) {
        if (pointer == null) {
            return CompletableFuture.completedFuture(ManifestTree.empty(keys, loader));
        }
        RootRef ref = new RootRef(pointer.root(), pointer.sha256());
        return read(store, pointer.root())
                .thenApply(bytes -> ManifestTree.of(keys, loader, ref, new ManifestCodec(keys).decodeRoot(ref, bytes)));
    }

    /** Puts the nodes, then the root, each proven before the next. May be repeated with the same commit. */
    CompletionStage<Void> write(ManifestCommit commit) {
        CompletionStage<Void> written = CompletableFuture.completedFuture(null);
        for (ManifestObject node : commit.nodes()) {
            written = written.thenCompose(done -> put(node));
        }
        return written.thenCompose(done -> put(commit.rootObject()));
    }

    /** All bytes of a root or node object, on the heap. */
    public static CompletionStage<ByteBuffer> read(ObjectStore store, String key) {
        return store.readWhole(key, MAX_OBJECT_BYTES).thenApply(ManifestStore::copied);
    }

    private CompletionStage<Void> put(ManifestObject object) {
        ByteBuf bytes = Unpooled.wrappedBuffer(object.bytes().duplicate());
        return store.putIfAbsent(object.key(), bytes).thenCompose(result -> {
            if (result instanceof PutResult.Created created && created.checked()) {
                return CompletableFuture.completedFuture(null);
            }
            if (result instanceof PutResult.AlreadyThere) {
                throw new ObjectStoreException(
                        ObjectStoreException.Kind.REFUSED, object.key(), "holds another manifest object", null);
            }
            return read(store, object.key()).thenAccept(found -> {
                if (!found.equals(object.bytes().duplicate())) {
                    throw new ObjectStoreException(
                            ObjectStoreException.Kind.UNAVAILABLE,
                            object.key(),
                            "read back, it differs from what was written (the put: " + result + ")",
                            null);
                }
            });
        });
    }

    private static ByteBuffer copied(ByteBuf bytes) {
        try {
            return ByteBuffer.wrap(ByteBufUtil.getBytes(bytes));
        } finally {
            bytes.release();
        }
    }
}
