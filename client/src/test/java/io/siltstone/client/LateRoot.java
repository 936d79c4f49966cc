package io.siltstone.client;

import io.siltstone.client.source.Bucket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A bucket where a root comes while it is read: some listings that should tell of it do not yet. */
final class LateRoot implements Bucket {

    private final Bucket bucket;
    private final String root;
    private final AtomicInteger listingsWithout;

    LateRoot(Bucket bucket, String root, int listingsWithout) {
        this.bucket = bucket;
        this.root = root;
        this.listingsWithout = new AtomicInteger(listingsWithout);
    }

    boolean isThere() {
        return listingsWithout.get() == 0;
    }

    @Override
    public CompletableFuture<List<String>> list(String prefix, @Nullable String after) {
        return bucket.list(prefix, after)
                .thenApply(keys ->
                        keys.contains(root) && listingsWithout.getAndUpdate(left -> Math.max(0, left - 1)) > 0
                                ? keys.stream().filter(key -> !key.equals(root)).toList()
                                : keys);
    }

    @Override
    public CompletableFuture<List<String>> folders(String prefix) {
        return bucket.folders(prefix);
    }

    @Override
    public CompletableFuture<ByteBuffer> read(String key, long position, int length) {
        return bucket.read(key, position, length);
    }

    @Override
    public CompletableFuture<ByteBuffer> readAll(String key) {
        return bucket.readAll(key);
    }

    @Override
    public void close() {
        bucket.close();
    }
}
