package io.siltstone.format.segment;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * What is known of an object once its last batch was seen.
 *
 * @param endOffset where the next object starts
 * @param greatestTimestampOffset the first offset that bears the greatest timestamp; -1 where it is not known
 * @param aborted transactions whose abort marker lies in the object
 * @param producerSnapshot the state of the partition's producers at the base offset; may be empty
 */
public record SegmentTrailer(
        long endOffset, long greatestTimestampOffset, List<AbortedTransaction> aborted, ByteBuffer producerSnapshot) {

    public SegmentTrailer {
        aborted = List.copyOf(aborted);
    }
}
