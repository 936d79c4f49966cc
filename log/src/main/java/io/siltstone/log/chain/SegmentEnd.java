package io.siltstone.log.chain;

/**
 * Where a closed segment ends.
 *
 * @param lastEntry the last entry's id, snapshots included; -1 for none
 * @param endOffset the offset after the last record
 * @param maxTimestamp the greatest record timestamp in milliseconds; -1 where there is no record
 * @param maxTimestampOffset the base offset of the first batch that bears it; -1 where there is no record
 */
public record SegmentEnd(long lastEntry, long endOffset, long maxTimestamp, long maxTimestampOffset) {

    public SegmentEnd {
        if (lastEntry < -1 || endOffset < 0) {
            throw new IllegalArgumentException("segment end at entry " + lastEntry + ", offset " + endOffset);
        }
    }
}
