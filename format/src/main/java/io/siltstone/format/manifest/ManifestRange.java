package io.siltstone.format.manifest;

import io.siltstone.format.EpochStart;
import java.util.List;

/**
 * One segment object as the manifest names it, with the offsets that it holds.
 *
 * @param key in the bucket, in full
 * @param bytes length of the object
 * @param sha256 of the object in lower-case hexadecimal
 * @param endOffset the offset after the last one; the next range starts there
 * @param epochs in which its batches were written, ascending
 * @param leastTimestamp least base timestamp of its batches in milliseconds
 * @param greatestTimestamp of its records in milliseconds
 * @param greatestTimestampOffset the first offset that bears it; -1 where it is not known
 * @param firstSegment number of the first segment of the chain that it holds
 * @param indexPosition where its index starts; one ranged read from there on opens the object
 * @param indexCrc32c of its index
 * @param leastAbortedOffset least first offset of an aborted transaction whose marker it holds; -1 for none
 */
public record ManifestRange(
        String key,
        long bytes,
        String sha256,
        long baseOffset,
        long endOffset,
        List<EpochStart> epochs,
        long leastTimestamp,
        long greatestTimestamp,
        long greatestTimestampOffset,
        long firstSegment,
        long lastSegment,
        long indexPosition,
        int indexCrc32c,
        long leastAbortedOffset) {

    public ManifestRange {
        epochs = List.copyOf(epochs);
        if (key.isEmpty() || sha256.length() != 64 || baseOffset < 0 || endOffset <= baseOffset || epochs.isEmpty()) {
            throw new IllegalArgumentException("object '" + key + "' with SHA-256 '" + sha256 + "', offsets "
                    + baseOffset + " to " + endOffset + ", epochs " + epochs);
        }
        if (indexPosition <= 0 || indexPosition >= bytes || firstSegment > lastSegment) {
            throw new IllegalArgumentException("object '" + key + "' of " + bytes + " bytes with its index at "
                    + indexPosition + ", segments " + firstSegment + " to " + lastSegment);
        }
    }

    public int leastEpoch() {
        return epochs.get(0).epoch();
    }

    public int greatestEpoch() {
        return epochs.get(epochs.size() - 1).epoch();
    }
}
