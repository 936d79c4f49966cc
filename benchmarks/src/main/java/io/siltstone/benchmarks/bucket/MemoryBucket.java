package io.siltstone.benchmarks.bucket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import io.siltstone.tiering.store.PutResult;
import io.siltstone.tiering.store.UrlSigner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A bucket in direct memory whose reads cost nothing: views, at once. It takes whole objects only, and lists none. */
final class MemoryBucket implements ObjectStore {

    private final Map<String, ByteBuf> objects = new HashMap<>();

    @Override
    public CompletableFuture<ByteBuf> read(String key, long offset, int length) {
        return CompletableFuture.completedFuture(existing(key).retainedSlice((int) offset, length));
    }

    @Override
    public CompletableFuture<ByteBuf> readWhole(String key, int maxBytes) {
        return CompletableFuture.completedFuture(existing(key).retainedDuplicate());
    }

    @Override
    public CompletableFuture<Optional<ObjectInfo>> stat(String key) {
        return CompletableFuture.completedFuture(
                Optional.of(new ObjectInfo(key, existing(key).readableBytes(), 0)));
    }

    private ByteBuf existing(String key) {
        ByteBuf object = objects.get(key);
        if (object == null) {
            throw new ObjectStoreException(ObjectStoreException.Kind.MISSING, key, "nobody put it", null);
        }
        return object;
    }

    @Override
    public CompletableFuture<PutResult> putIfAbsent(String key, ByteBuf bytes) {
        objects.put(
                key,
                PooledByteBufAllocator.DEFAULT
                        .directBuffer(bytes.readableBytes())
                        .writeBytes(bytes.duplicate()));
        return CompletableFuture.completedFuture(new PutResult.Created(true));
    }

    @Override
    public Upload upload(String key) {
        throw new UnsupportedOperationException("objects are put whole");
    }

    @Override
    public long uploadMemoryBytes() {
        return 0;
    }

    @Override
    public CompletableFuture<Page> list(String prefix, @Nullable String after, int limit) {
        throw new UnsupportedOperationException("objects are read by their keys");
    }

    @Override
    public CompletableFuture<List<String>> folders(String prefix) {
        throw new UnsupportedOperationException("objects are read by their keys");
    }

    @Override
    public CompletableFuture<Void> delete(String key) {
        throw new UnsupportedOperationException("objects stay until the bucket is closed");
    }

    @Override
    public Optional<UrlSigner> signer() {
        return Optional.empty();
    }

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public String describe() {
        return "memory";
    }

    @Override
    public void close() {
        objects.values().forEach(ByteBuf::release);
        objects.clear();
    }
}
