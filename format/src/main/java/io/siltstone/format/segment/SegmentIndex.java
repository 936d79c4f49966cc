package io.siltstone.format.segment;

import io.siltstone.format.EpochStart;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a segment object says about itself.
 *
 * <p>Invariants: blocks lie one behind another from the header on; their offsets ascend within base and end offset.
 *
 * @param topicName as it was when the object was written
 * @param firstSegment number of the first segment of the chain that it holds
 * @param leastTimestamp least base timestamp of its batches in milliseconds
 * @param greatestTimestampOffset the first offset that bears the greatest timestamp; -1 where it is not known
 * @param aborted transactions whose abort marker lies in this object
 * @param producerSnapshot the state of the partition's producers at the base offset; null where there is none
 */
public record SegmentIndex(
        String topicName,
        UUID topic,
        int partition,
        long firstSegment,
        long lastSegment,
        long baseOffset,
        long endOffset,
        List<EpochStart> epochs,
        long leastTimestamp,
        long greatestTimestamp,
        long greatestTimestampOffset,
        List<BlockEntry> blocks,
        List<AbortedTransaction> aborted,
        @Nullable Section producerSnapshot) {

    public SegmentIndex {
        epochs = List.copyOf(epochs);
        blocks = List.copyOf(blocks);
        aborted = List.copyOf(aborted);
        long position = SegmentObjectFormat.HEADER_BYTES;
        long offset = baseOffset;
        for (BlockEntry block : blocks) {
            if (block.position() != position || block.baseOffset() < offset || block.endOffset() > endOffset) {
                throw new IllegalArgumentException(
                        block + " does not fit at position " + position + " and offset " + offset);
            }
            position += block.length();
            offset = block.endOffset();
        }
        if (partition < 0 || baseOffset < 0 || endOffset <= baseOffset || firstSegment > lastSegment) {
            throw new IllegalArgumentException("segments " + firstSegment + " to " + lastSegment + " with offsets "
                    + baseOffset + " to " + endOffset);
        }
    }

    /** The first block with a record at or after the offset. */
    public Optional<BlockEntry> blockByOffset(long offset) {
        int low = 0;
        int high = blocks.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (blocks.get(middle).endOffset() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low < blocks.size() ? Optional.of(blocks.get(low)) : Optional.empty();
    }

    /** The first block with a record of at least that timestamp (ms): it holds the first such record in offset order. */
    public Optional<BlockEntry> blockByTime(long timestamp) {
        return blocks.stream()
                .filter(block -> block.greatestTimestamp() >= timestamp)
                .findFirst();
    }
}
