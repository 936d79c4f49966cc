package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import java.util.concurrent.CompletableFuture;

/** Port: writes new objects to a bucket, and never over an old one. */
public interface ObjectWriter {

    /**
     * Puts a small object (up to some MiB) if its key is free.
     *
     * @param bytes between its indices, which stay as they are; borrowed until the future completes
     */
    CompletableFuture<PutResult> putIfAbsent(String key, ByteBuf bytes);

    /**
     * Begins a large object, whose size is not known yet. Nothing is visible before {@link Upload#complete}.
     *
     * @throws ObjectStoreException where the key is unsound
     */
    Upload upload(String key);

    /** The most bytes of memory that one {@link Upload} takes. */
    long uploadMemoryBytes();

    /** One large object on its way. Confined to one thread at a time; each future is awaited before the next call. */
    interface Upload {

        /** Takes over the buffer's reference. The future completes when the store can take more. */
        CompletableFuture<Void> write(ByteBuf bytes);

        /**
         * Makes the object visible if its key is still free. The upload is over, whatever comes out.
         *
         * @param sha256 of all bytes written, 32 bytes
         */
        CompletableFuture<PutResult> complete(byte[] sha256);

        /** Gives up and frees what it held, also at the store as far as that can be reached. May be repeated. */
        void abort();
    }
}
