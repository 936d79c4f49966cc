package io.siltstone.format.segment;

import io.siltstone.format.manifest.ManifestRange;
import java.nio.ByteBuffer;

/**
 * A segment object whose every byte is known.
 *
 * @param tail its last bytes: producer snapshot, index and footer
 * @param bytes length of the whole object
 * @param sha256 of the whole object
 * @param indexPosition where its index starts
 */
public record FinishedObject(
        ByteBuffer tail, long bytes, String sha256, SegmentIndex index, long indexPosition, int indexCrc32c) {

    /** What the manifest says of it. */
    public ManifestRange toRange(String key) {
        return new ManifestRange(
                key,
                bytes,
                sha256,
                index.baseOffset(),
                index.endOffset(),
                index.epochs(),
                index.leastTimestamp(),
                index.greatestTimestamp(),
                index.greatestTimestampOffset(),
                index.firstSegment(),
                index.lastSegment(),
                indexPosition,
                indexCrc32c,
                index.aborted().stream()
                        .mapToLong(AbortedTransaction::firstOffset)
                        .min()
                        .orElse(-1));
    }
}
