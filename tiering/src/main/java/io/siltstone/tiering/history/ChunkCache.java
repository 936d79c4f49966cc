package io.siltstone.tiering.history;

import io.netty.buffer.ByteBuf;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.tiering.store.ObjectReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Checked chunks of segment objects in direct memory, shared by all readers of a node. Half of its bound is for chunks
 * that are kept, the longest unread of which goes first, half for those being read; a read past the second half waits its
 * turn, a read-ahead is dropped.
 *
 * <p>Thread-safe; its lock guards every field and is held for no I/O.
 */
final class ChunkCache {

    private record ChunkKey(String object, int chunk) {}

    /** One read, for all who wait for it. */
    private static final class Load {
        private final ChunkKey key;
        private final ChunkedObject object;
        private final ChunkedObject.Chunk chunk;
        private final List<CompletableFuture<ByteBuf>> waiters = new ArrayList<>();

        Load(ChunkKey key, ChunkedObject object, ChunkedObject.Chunk chunk) {
            this.key = key;
            this.object = object;
            this.chunk = chunk;
        }
    }

    private final ObjectReader store;
    private final long maxKeptBytes;
    private final long maxLoadingBytes;
    private final Map<ChunkKey, ByteBuf> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<ChunkKey, Load> loads = new HashMap<>();
    private final Queue<Load> line = new ArrayDeque<>();
    private long keptBytes;
    private long loadingBytes;
    private boolean closed;

    ChunkCache(ObjectReader store, long maxBytes) {
        this.store = store;
        this.maxKeptBytes = maxBytes / 2;
        this.maxLoadingBytes = maxBytes / 2;
    }

    /** The chunk's bytes, checked; the receiver releases them. */
    CompletableFuture<ByteBuf> get(ChunkedObject object, ChunkedObject.Chunk chunk) {
        CompletableFuture<ByteBuf> result = new CompletableFuture<>();
        ChunkKey key = new ChunkKey(object.key(), chunk.number());
        Load started = null;
        synchronized (this) {
            ByteBuf found = kept.get(key);
            if (found != null) {
                return CompletableFuture.completedFuture(found.retain());
            }
            Load load = loads.get(key);
            if (load == null) {
                load = new Load(key, object, chunk);
                loads.put(key, load);
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
        ChunkKey key = new ChunkKey(object.key(), chunk.number());
        Load load = new Load(key, object, chunk);
        synchronized (this) {
            if (loads.containsKey(key) || kept.containsKey(key) || !fits(load)) {
                return;
            }
            loads.put(key, load);
            loadingBytes += chunk.length();
        }
        start(load);
    }

    /** The chunk is not needed again soon. */
    synchronized void forget(ChunkedObject object, ChunkedObject.Chunk chunk) {
        ByteBuf bytes = kept.remove(new ChunkKey(object.key(), chunk.number()));
        if (bytes != null) {
            drop(bytes);
        }
    }

    /** Lets go of everything that is kept, and of what comes later. */
    synchronized void close() {
        closed = true;
        kept.values().forEach(this::drop);
        kept.clear();
    }

    private void keep(ChunkKey key, ByteBuf bytes) {
        kept.put(key, bytes);
        keptBytes += bytes.capacity();
        for (Iterator<ByteBuf> eldest = kept.values().iterator(); keptBytes > maxKeptBytes; ) {
            drop(eldest.next());
            eldest.remove();
        }
    }

    private void drop(ByteBuf bytes) {
        keptBytes -= bytes.capacity();
        bytes.release();
    }

    private boolean fits(Load load) {
        return loadingBytes == 0 || loadingBytes + load.chunk.length() <= maxLoadingBytes;
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
            loads.remove(load.key);
            waiters = List.copyOf(load.waiters);
            if (bytes != null) {
                if (!waiters.isEmpty()) {
                    bytes.retain(waiters.size());
                }
                if (closed) {
                    bytes.release();
                } else {
                    keep(load.key, bytes);
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
