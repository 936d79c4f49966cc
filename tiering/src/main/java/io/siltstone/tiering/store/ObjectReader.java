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

    /** What the store says of an object; empty where there is none. */
    CompletableFuture<Optional<ObjectInfo>> stat(String key);
}
