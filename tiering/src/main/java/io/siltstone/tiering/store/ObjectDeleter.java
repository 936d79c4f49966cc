package io.siltstone.tiering.store;

import java.util.concurrent.CompletableFuture;

/** Port: deletes objects of a bucket. Only the garbage collector has reason to. */
public interface ObjectDeleter {

    /** Deletes an object; that there is none is success. */
    CompletableFuture<Void> delete(String key);
}
