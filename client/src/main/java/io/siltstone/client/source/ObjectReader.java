package io.siltstone.client.source;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * Port: reads objects by key. Futures fail with {@link HistoryException}; they complete on a thread of the source, where
 * the caller must not block.
 */
public interface ObjectReader {

    /** Exactly so many bytes from a position on; MISSING also where the object ends before. */
    CompletableFuture<ByteBuffer> read(String key, long position, int length);

    /** The whole of a small object. */
    CompletableFuture<ByteBuffer> readAll(String key);
}
