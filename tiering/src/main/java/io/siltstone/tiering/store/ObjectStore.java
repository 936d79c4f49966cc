package io.siltstone.tiering.store;

import java.util.Optional;

/**
 * Port: a bucket. Objects are written once, whole, and never changed; every call returns at once and its future
 * completes on a thread of the store, where the caller must not block. A future fails with {@link ObjectStoreException}
 * only.
 */
public interface ObjectStore extends ObjectReader, ObjectWriter, ObjectLister, ObjectDeleter, AutoCloseable {

    /** Makes links of the store's own; empty where it has none and the node serves the bytes itself. */
    Optional<UrlSigner> signer();

    /** Reads cost no round trip, and what was read once lies in this machine's memory: reading it again is cheap. */
    boolean isLocal();

    /** For logs: the bucket's address without secrets. */
    String describe();

    @Override
    void close();
}
