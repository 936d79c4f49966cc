package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Port: reads objects of a bucket. */
public interface ObjectReader {

    /**
     * Reads a range of an object. Fails where there is no such object ({@link ObjectStoreException.Kind#MISSING}) or it
     * ends before the range does ({@link ObjectStoreException.Kind#TRUNCATED}).
     *
     * @param offset from the object's first byte
     * @param length in bytes, at least 1
     * @return exactly {@code length} bytes, which the receiver releases
     */
    CompletableFuture<ByteBuf> read(String key, long offset, int length);

    /**
     * Reads a whole small object. Fails as {@link #read} does, and with {@link ObjectStoreException.Kind#REFUSED} where
     * the object is larger than expected.
     *
     * @param maxBytes the largest size that makes sense
     * @return all its bytes, which the receiver releases
     */
    CompletableFuture<ByteBuf> readWhole(String key, int maxBytes);

    /** What the store says of an object; empty where there is none. */
    CompletableFuture<Optional<ObjectInfo>> stat(String key);
}
