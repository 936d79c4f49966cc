package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;

/**
 * The greatest record timestamp seen, and the base offset of the first batch that bears it.
 *
 * @param max milliseconds since the epoch; -1 where there is no record
 * @param offset -1 where there is no record
 */
record BatchTimestamps(long max, long offset) {

    static final BatchTimestamps NONE = new BatchTimestamps(-1, -1);

    private static final int LENGTH_AT = 8;
    private static final int MAX_TIMESTAMP_AT = 35;
    private static final int BEFORE_LENGTH_COUNTS = 12;
    private static final int BATCH_HEADER = 61;

    /** Of the headers of whole record batches (v2). */
    static BatchTimestamps of(ByteBuf batches) {
        BatchTimestamps greatest = NONE;
        int position = batches.readerIndex();
        while (batches.writerIndex() - position >= BATCH_HEADER) {
            greatest = greatest.and(
                    new BatchTimestamps(batches.getLong(position + MAX_TIMESTAMP_AT), batches.getLong(position)));
            int length = BEFORE_LENGTH_COUNTS + batches.getInt(position + LENGTH_AT);
            if (length < BATCH_HEADER) {
                throw new IllegalArgumentException("a record batch of " + length + " bytes at " + position);
            }
            position += length;
        }
        return greatest;
    }

    BatchTimestamps and(BatchTimestamps later) {
        return later.max > max ? later : this;
    }
}
