package io.siltstone.tiering.history;

import io.netty.buffer.ByteBuf;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.tiering.store.ObjectReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Checked chunks of segment objects in direct memory, shared by all readers of a node. Half of its bound is for chunks
 * that are kept, half for those being read; a read past the second half waits its turn, a read-ahead is dropped. A
 * quarter of what is kept may be read ahead, so that readers do not push out what others are about to ask for.
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
    private final long maxAheadBytes;
    private final long maxLoadingBytes;
    private final boolean keepsRead;

    /** What somebody reads or will read; the least recently used goes first. */
    private final Map<ChunkKey, ByteBuf> kept = new LinkedHashMap<>(16, 0.75f, true);
    /** What was read to its end, for others, as far as there is room beside the former. */
    private final Map<ChunkKey, ByteBuf> keptForOthers = new LinkedHashMap<>(16, 0.75f, true);
    /** What was read ahead, or is being so, and nobody has asked for yet. */
    private final Set<ChunkKey> ahead = new HashSet<>();

    private final Map<ChunkKey, Load> loads = new HashMap<>();
    private final Queue<Load> line = new ArrayDeque<>();
    private long keptBytes;
    private long aheadBytes;
    private long loadingBytes;
    private boolean closed;

    /**
     * An empty cache.
     *
     * @param maxBytes of memory; slices that callers hold come on top
     * @param keepsRead whether a chunk that was read to its end is kept for others
     */
    ChunkCache(ObjectReader store, long maxBytes, boolean keepsRead) {
        this.store = store;
        this.keepsRead = keepsRead;
        this.maxKeptBytes = maxBytes / 2;
        this.maxAheadBytes = maxKeptBytes / 4;
        this.maxLoadingBytes = maxBytes / 2;
    }

    /** The chunk's bytes, checked; the receiver releases them. */
    CompletableFuture<ByteBuf> get(ChunkedObject object, ChunkedObject.Chunk chunk) {
        CompletableFuture<ByteBuf> result = new CompletableFuture<>();
        ChunkKey key = new ChunkKey(object.key(), chunk.number());
        Load started = null;
        synchronized (this) {
            askedFor(key, chunk.length());
            ByteBuf found = keptForOthers.containsKey(key) ? keptForOthers.get(key) : kept.get(key);
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
            if (loads.containsKey(key)
                    || kept.containsKey(key)
                    || keptForOthers.containsKey(key)
                    || aheadBytes + chunk.length() > maxAheadBytes
                    || !fits(load)) {
                return;
            }
            ahead.add(key);
            aheadBytes += chunk.length();
            loads.put(key, load);
            loadingBytes += chunk.length();
        }
        start(load);
    }

    /** Somebody has read the chunk to its end. */
    synchronized void readToEnd(ChunkedObject object, ChunkedObject.Chunk chunk) {
        ChunkKey key = new ChunkKey(object.key(), chunk.number());
        ByteBuf bytes = kept.remove(key);
        if (bytes != null && keepsRead) {
            keptForOthers.put(key, bytes);
        } else if (bytes != null) {
            drop(key, bytes);
        }
    }

    /** Lets go of everything that is kept, and of what comes later. */
    synchronized void close() {
        closed = true;
        kept.forEach(this::drop);
        kept.clear();
        keptForOthers.forEach(this::drop);
        keptForOthers.clear();
    }

    private void keep(ChunkKey key, ByteBuf bytes) {
        kept.put(key, bytes);
        keptBytes += bytes.capacity();
        while (keptBytes > maxKeptBytes) {
            Iterator<Map.Entry<ChunkKey, ByteBuf>> eldest =
                    (keptForOthers.isEmpty() ? kept : keptForOthers).entrySet().iterator();
            Map.Entry<ChunkKey, ByteBuf> evicted = eldest.next();
            drop(evicted.getKey(), evicted.getValue());
            eldest.remove();
        }
    }

    private void drop(ChunkKey key, ByteBuf bytes) {
        askedFor(key, bytes.capacity());
        keptBytes -= bytes.capacity();
        bytes.release();
    }

    /** The chunk is not one that was read ahead any more. */
    private void askedFor(ChunkKey key, int bytes) {
        if (ahead.remove(key)) {
            aheadBytes -= bytes;
        }
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
            if (bytes == null) {
                askedFor(load.key, load.chunk.length());
            } else {
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
