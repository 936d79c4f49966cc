package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;

/**
 * Proves at start-up that a bucket refuses a second put to a key: a store that ignored the condition would let two
 * owners overwrite each other's history.
 */
public final class ConditionalPutProof {

    private ConditionalPutProof() {}

    /**
     * Puts an object, tries to put another under its key, and deletes it.
     *
     * @param key a fresh one that names nothing else
     * @return fails with {@link ObjectStoreException.Kind#UNSAFE} where the store takes the second put, with another kind
     *     where it cannot be asked
     */
    public static CompletableFuture<Void> run(ObjectStore store, String key) {
        return put(store, key, "first")
                .thenCompose(first -> {
                    if (!(first instanceof PutResult.Created)) {
                        throw unproven(store, key, "the first put of a fresh key ended as " + first);
                    }
                    return put(store, key, "second");
                })
                .thenCompose(second -> {
                    if (second instanceof PutResult.Created) {
                        throw new ObjectStoreException(
                                ObjectStoreException.Kind.UNSAFE,
                                key,
                                store.describe() + " took a second put under the same key: it does not honour"
                                        + " If-None-Match, and cannot be used",
                                null);
                    }
                    if (!(second instanceof PutResult.AlreadyThere)) {
                        throw unproven(store, key, "the second put ended as " + second);
                    }
                    return store.delete(key);
                });
    }

    private static CompletableFuture<PutResult> put(ObjectStore store, String key, String content) {
        ByteBuf bytes = Unpooled.wrappedBuffer(content.getBytes(StandardCharsets.US_ASCII));
        return store.putIfAbsent(key, bytes);
    }

    private static ObjectStoreException unproven(ObjectStore store, String key, String why) {
        return new ObjectStoreException(
                ObjectStoreException.Kind.UNAVAILABLE,
                key,
                store.describe() + " could not be shown to refuse a second put: " + why,
                null);
    }
}
