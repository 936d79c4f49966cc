package io.siltstone.tiering.history;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.netty.buffer.ByteBuf;
import io.netty.util.IllegalReferenceCountException;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.tiering.store.ObjectReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Checked chunks of segment objects in direct memory, shared by all readers of a node. Half of its bound is for chunks
 * that are kept, half for those being read; a read past the second half waits its turn, a read-ahead is dropped.
 *
 * <p>Thread-safe; its lock guards the reads under way, the line of those that wait and whether it is closed, and is held for no I/O.
 */
final class ChunkCache {

    private record ChunkKey(String object, int chunk) {}

    /** One read, for all who wait for it. */
    private static final class Load {
        private final ChunkedObject object;
        private final ChunkedObject.Chunk chunk;
        private final List<CompletableFuture<ByteBuf>> waiters = new ArrayList<>();

        Load(ChunkedObject object, ChunkedObject.Chunk chunk) {
            this.object = object;
            this.chunk = chunk;
        }

        ChunkKey key() {
            return new ChunkKey(object.key(), chunk.number());
        }
    }

    private final ObjectReader store;
    private final long maxLoadingBytes;
    private final Cache<ChunkKey, ByteBuf> kept;
    private final Map<ChunkKey, Load> loads = new HashMap<>();
    private final Queue<Load> line = new ArrayDeque<>();
    private long loadingBytes;
    private boolean closed;

    ChunkCache(ObjectReader store, long maxBytes) {
        this.store = store;
        this.maxLoadingBytes = maxBytes / 2;
        this.kept = Caffeine.newBuilder()
                .maximumWeight(maxBytes / 2)
                .weigher((ChunkKey key, ByteBuf bytes) -> bytes.capacity())
                .executor(Runnable::run)
                .removalListener((@Nullable ChunkKey key, @Nullable ByteBuf bytes, RemovalCause cause) -> {
                    if (bytes != null) {
                        bytes.release();
                    }
                })
                .build();
    }

    /** The chunk's bytes, checked; the receiver releases them. */
    CompletableFuture<ByteBuf> get(ChunkedObject object, ChunkedObject.Chunk chunk) {
        CompletableFuture<ByteBuf> result = new CompletableFuture<>();
        Load started = null;
        synchronized (this) {
            ByteBuf found = retained(new ChunkKey(object.key(), chunk.number()));
            if (found != null) {
                return CompletableFuture.completedFuture(found);
            }
            Load load = loads.get(new ChunkKey(object.key(), chunk.number()));
            if (load == null) {
                load = new Load(object, chunk);
                loads.put(load.key(), load);
                if (fits(load)) {
                    started = load;
                    loadingBytes += chunk.length();
                } else {
                    line.add(load);
                }
            }
            load.waiters.add(result);
        }
        if (started != null) {
            start(started);
        }
        return result;
    }

    /** Reads the chunk ahead where there is room. */
    void prefetch(ChunkedObject object, ChunkedObject.Chunk chunk) {
        Load load = new Load(object, chunk);
        synchronized (this) {
            if (loads.containsKey(load.key()) || kept.getIfPresent(load.key()) != null || !fits(load)) {
                return;
            }
            loads.put(load.key(), load);
            loadingBytes += chunk.length();
        }
        start(load);
    }

    /** The chunk is not needed again soon. */
    void forget(ChunkedObject object, ChunkedObject.Chunk chunk) {
        kept.invalidate(new ChunkKey(object.key(), chunk.number()));
    }

    /** Lets go of everything that is kept, and of what comes later. */
    void close() {
        synchronized (this) {
            closed = true;
        }
        kept.invalidateAll();
    }

    private boolean fits(Load load) {
        return loadingBytes == 0 || loadingBytes + load.chunk.length() <= maxLoadingBytes;
    }

    private @Nullable ByteBuf retained(ChunkKey key) {
        ByteBuf found = kept.getIfPresent(key);
        try {
            return found == null ? null : found.retain();
        } catch (IllegalReferenceCountException evicted) {
            return null;
        }
    }

    private void start(Load load) {
        var unused = store.read(load.object.key(), load.chunk.position(), load.chunk.length())
                .thenApply(bytes -> checked(load, bytes))
                .whenComplete((bytes, failure) -> finished(load, bytes, failure));
    }

    private static ByteBuf checked(Load load, ByteBuf bytes) {
        try {
            for (BlockEntry block : load.chunk.blocks()) {
                int at = (int) (block.position() - load.chunk.position());
                load.object.reader().verify(block, bytes.nioBuffer(at, block.length()));
            }
            return bytes;
        } catch (RuntimeException e) {
            bytes.release();
            throw e;
        }
    }

    private void finished(Load load, @Nullable ByteBuf bytes, @Nullable Throwable failure) {
        List<Load> next = new ArrayList<>();
        List<CompletableFuture<ByteBuf>> waiters;
        synchronized (this) {
            loads.remove(load.key());
            waiters = List.copyOf(load.waiters);
            if (bytes != null) {
                if (!waiters.isEmpty()) {
                    bytes.retain(waiters.size());
                }
                if (closed) {
                    bytes.release();
                } else {
                    kept.put(load.key(), bytes);
                }
            }
            loadingBytes -= load.chunk.length();
            for (Load waiting = line.peek(); waiting != null && fits(waiting); waiting = line.peek()) {
                line.remove();
                loadingBytes += waiting.chunk.length();
                next.add(waiting);
            }
        }
        next.forEach(this::start);
        for (CompletableFuture<ByteBuf> waiter : waiters) {
            if (bytes == null) {
                waiter.completeExceptionally(named(load, failure));
            } else if (!waiter.complete(bytes)) {
                bytes.release();
            }
        }
    }

    /** The failure with the block and the offset that it is about. */
    private static Throwable named(Load load, @Nullable Throwable failure) {
        BlockEntry block = load.chunk.blocks().get(0);
        return HistoryFailures.named(failure, load.object.key(), block.number(), block.baseOffset());
    }
}
