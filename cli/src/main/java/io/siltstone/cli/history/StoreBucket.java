package io.siltstone.cli.history;

import io.netty.buffer.ByteBuf;
import io.siltstone.client.source.Bucket;
import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Lets the client library, which knows no S3, read a bucket through the object store that the servers use. */
final class StoreBucket implements Bucket {
    private static final int PAGE = 1_000;

    private final ObjectStore store;

    /** The store is closed with this bucket. */
    StoreBucket(ObjectStore store) {
        this.store = store;
    }

    @Override
    public CompletableFuture<ByteBuffer> read(String key, long position, int length) {
        return told(store.read(key, position, length).thenApply(StoreBucket::onHeap));
    }

    @Override
    public CompletableFuture<ByteBuffer> readAll(String key) {
        return told(store.stat(key).thenCompose(found -> {
            ObjectInfo info =
                    found.orElseThrow(() -> new HistoryException(Kind.MISSING, "there is no object " + key, null));
            return info.bytes() == 0
                    ? CompletableFuture.completedFuture(ByteBuffer.allocate(0))
                    : store.read(key, 0, Math.toIntExact(info.bytes())).thenApply(StoreBucket::onHeap);
        }));
    }

    @Override
    public CompletableFuture<List<String>> list(String prefix, @Nullable String after) {
        return told(store.list(prefix, after, PAGE)
                .thenApply(page -> page.objects().stream().map(ObjectInfo::key).toList()));
    }

    @Override
    public CompletableFuture<List<String>> folders(String prefix) {
        return told(store.folders(prefix));
    }

    @Override
    public void close() {
        store.close();
    }

    private static ByteBuffer onHeap(ByteBuf bytes) {
        try {
            ByteBuffer copy = ByteBuffer.allocate(bytes.readableBytes());
            bytes.readBytes(copy);
            return copy.flip();
        } finally {
            bytes.release();
        }
    }

    /** The store's failures in the words of the client library. */
    private static <T> CompletableFuture<T> told(CompletableFuture<T> answer) {
        return answer.exceptionally(failure -> {
            Throwable cause = HistoryException.unwrapped(failure);
            if (cause instanceof ObjectStoreException refused) {
                throw new HistoryException(kind(refused), String.valueOf(refused.getMessage()), refused);
            }
            throw HistoryException.asRuntime(cause);
        });
    }

    private static Kind kind(ObjectStoreException failure) {
        return switch (failure.kind()) {
            case MISSING, TRUNCATED -> Kind.MISSING;
            case UNAVAILABLE -> Kind.UNAVAILABLE;
            default -> Kind.REFUSED;
        };
    }
}
