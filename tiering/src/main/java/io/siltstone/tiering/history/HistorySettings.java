package io.siltstone.tiering.history;

/**
 * Bounds of a {@link HistoryReader}.
 *
 * @param maxBytes of direct memory for chunks, half of it for those being read; slices that callers hold come on top
 * @param chunkBytes about how much one read of an object fetches; whole blocks, at least one
 * @param readAheadChunks how many chunks are fetched before a sequential reader asks for them
 * @param maxManifestBytes of heap for manifest nodes
 */
public record HistorySettings(long maxBytes, int chunkBytes, int readAheadChunks, long maxManifestBytes) {

    public static final HistorySettings DEFAULT = new HistorySettings(128L << 20, 4 << 20, 2, 32L << 20);

    public HistorySettings {
        if (maxBytes < chunkBytes || chunkBytes < 1 || readAheadChunks < 0 || maxManifestBytes < 0) {
            throw new IllegalArgumentException("history reads of " + chunkBytes + " bytes in " + maxBytes + " bytes, "
                    + readAheadChunks + " ahead, manifests in " + maxManifestBytes);
        }
    }
}
