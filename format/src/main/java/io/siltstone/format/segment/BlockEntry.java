package io.siltstone.format.segment;

/**
 * One block of a segment object: whole record batches, read and checked together.
 *
 * @param number of the block in its object, from 0
 * @param position of its first byte in the object
 * @param length bytes
 * @param baseOffset of its first batch
 * @param endOffset the offset after its last batch
 * @param greatestTimestamp of its records in milliseconds
 */
public record BlockEntry(
        int number, long position, int length, int crc32c, long baseOffset, long endOffset, long greatestTimestamp) {

    public BlockEntry {
        if (number < 0 || position < 0 || length <= 0 || baseOffset < 0 || endOffset <= baseOffset) {
            throw new IllegalArgumentException("block " + number + " at " + position + " of " + length
                    + " bytes with offsets " + baseOffset + " to " + endOffset);
        }
    }
}
