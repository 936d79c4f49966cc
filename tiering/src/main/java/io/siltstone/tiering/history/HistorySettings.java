package io.siltstone.tiering.history;

import io.siltstone.tiering.store.ObjectStore;

/**
 * Bounds of a {@link HistoryReader}.
 *
 * @param maxBytes of direct memory for chunks, half of it for those being read; slices that callers hold come on top
 * @param chunkBytes about how much one read of an object fetches; whole blocks, at least one
 * @param readAheadChunks how many chunks are fetched for who comes by a chunk's first offset
 * @param keepsRead whether a chunk that was read to its end is kept for other readers, as far as there is room
 * @param maxManifestBytes of heap for manifest nodes
 */
public record HistorySettings(
        long maxBytes, int chunkBytes, int readAheadChunks, boolean keepsRead, long maxManifestBytes) {

    /** Few and large reads, each for as many readers as may be: they cost time and money. */
    public static final HistorySettings REMOTE = new HistorySettings(128L << 20, 4 << 20, 2, true, 32L << 20);

    /** Reads of what fits into the processor's caches, into memory that is used again at once. */
    public static final HistorySettings LOCAL = new HistorySettings(128L << 20, 1 << 20, 2, false, 32L << 20);

    public HistorySettings {
        if (maxBytes < chunkBytes || chunkBytes < 1 || readAheadChunks < 0 || maxManifestBytes < 0) {
            throw new IllegalArgumentException("history reads of " + chunkBytes + " bytes in " + maxBytes + " bytes, "
                    + readAheadChunks + " ahead, manifests in " + maxManifestBytes);
        }
    }

    /** What suits a bucket. */
    public static HistorySettings suitedTo(ObjectStore bucket) {
        return bucket.isLocal() ? LOCAL : REMOTE;
    }
}
