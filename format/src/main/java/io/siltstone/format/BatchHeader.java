package io.siltstone.format;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;

/**
 * A view of one Kafka record batch (magic 2) in a buffer, by absolute positions; the buffer's own position is not
 * touched. Base offset and leader epoch lie outside the batch's CRC and may be rewritten in place.
 *
 * <p>Not thread-safe; valid as long as the buffer is.
 */
public final class BatchHeader {

    /** Bytes before the first record. */
    public static final int SIZE_BYTES = 61;

    /** Bytes before what the length field counts. */
    private static final int PREFIX_BYTES = 12;

    private static final int LENGTH = 8;
    private static final int LEADER_EPOCH = 12;
    private static final int MAGIC = 16;
    private static final int CRC = 17;
    private static final int ATTRIBUTES = 21;
    private static final int LAST_OFFSET_DELTA = 23;
    private static final int BASE_TIMESTAMP = 27;
    private static final int MAX_TIMESTAMP = 35;
    private static final int PRODUCER_ID = 43;
    private static final int PRODUCER_EPOCH = 51;
    private static final int BASE_SEQUENCE = 53;
    private static final int COUNT = 57;

    private static final int TRANSACTIONAL = 0x10;
    private static final int CONTROL = 0x20;
    private static final int LOG_APPEND_TIME = 0x08;
    private static final int COMPRESSION = 0x07;

    private final ByteBuffer buffer;
    private final int start;
    private final int sizeBytes;

    private BatchHeader(ByteBuffer buffer, int start, int sizeBytes) {
        this.buffer = buffer;
        this.start = start;
        this.sizeBytes = sizeBytes;
    }

    /**
     * The batch that starts at an absolute position.
     *
     * @throws MalformedBatchException where no whole batch of magic 2 lies there below the buffer's limit
     */
    public static BatchHeader at(ByteBuffer buffer, int position) {
        int available = buffer.limit() - position;
        if (available < SIZE_BYTES) {
            throw new MalformedBatchException(position, available + " bytes are left, a batch header has 61");
        }
        byte magic = buffer.get(position + MAGIC);
        if (magic != 2) {
            throw new MalformedBatchException(position, "magic is " + magic + ", only 2 is stored");
        }
        int length = buffer.getInt(position + LENGTH);
        if (length < SIZE_BYTES - PREFIX_BYTES || length > available - PREFIX_BYTES) {
            throw new MalformedBatchException(
                    position, "length is " + length + " with " + (available - PREFIX_BYTES) + " bytes left");
        }
        if (buffer.getInt(position + LAST_OFFSET_DELTA) < 0) {
            throw new MalformedBatchException(
                    position, "last offset delta is " + buffer.getInt(position + LAST_OFFSET_DELTA));
        }
        return new BatchHeader(buffer, position, length + PREFIX_BYTES);
    }

    /** The batches from the buffer's position to its limit; iterating throws {@link MalformedBatchException}. */
    public static Iterable<BatchHeader> in(ByteBuffer buffer) {
        return () -> new Batches(buffer);
    }

    public long baseOffset() {
        return buffer.getLong(start);
    }

    public void setBaseOffset(long offset) {
        buffer.putLong(start, offset);
    }

    public int leaderEpoch() {
        return buffer.getInt(start + LEADER_EPOCH);
    }

    public void setLeaderEpoch(int epoch) {
        buffer.putInt(start + LEADER_EPOCH, epoch);
    }

    /** The stored CRC32C of everything from the attributes on. */
    public int crc() {
        return buffer.getInt(start + CRC);
    }

    public short attributes() {
        return buffer.getShort(start + ATTRIBUTES);
    }

    public boolean isTransactional() {
        return (attributes() & TRANSACTIONAL) != 0;
    }

    public boolean isControl() {
        return (attributes() & CONTROL) != 0;
    }

    public boolean isLogAppendTime() {
        return (attributes() & LOG_APPEND_TIME) != 0;
    }

    /** Kafka's compression type id; 0 for none. */
    public int compression() {
        return attributes() & COMPRESSION;
    }

    public int lastOffsetDelta() {
        return buffer.getInt(start + LAST_OFFSET_DELTA);
    }

    public long lastOffset() {
        return baseOffset() + lastOffsetDelta();
    }

    /** The offset after the last one that this batch takes. */
    public long endOffset() {
        return lastOffset() + 1;
    }

    /** Milliseconds; the first record's timestamp as its producer set it. */
    public long baseTimestamp() {
        return buffer.getLong(start + BASE_TIMESTAMP);
    }

    public long maxTimestamp() {
        return buffer.getLong(start + MAX_TIMESTAMP);
    }

    /** -1 for none. */
    public long producerId() {
        return buffer.getLong(start + PRODUCER_ID);
    }

    public short producerEpoch() {
        return buffer.getShort(start + PRODUCER_EPOCH);
    }

    public int baseSequence() {
        return buffer.getInt(start + BASE_SEQUENCE);
    }

    /** Records in the batch. */
    public int count() {
        return buffer.getInt(start + COUNT);
    }

    /** Absolute position of the batch in the buffer. */
    public int position() {
        return start;
    }

    /** Bytes of the whole batch, header included. */
    public int sizeBytes() {
        return sizeBytes;
    }

    /** The whole batch as a view that shares the buffer's bytes. */
    public ByteBuffer bytes() {
        return buffer.slice(start, sizeBytes);
    }

    /** Reads the whole batch and compares. */
    public boolean hasValidCrc() {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(start + ATTRIBUTES, sizeBytes - ATTRIBUTES));
        return (int) crc.getValue() == crc();
    }

    @Override
    public String toString() {
        return "batch of offsets " + baseOffset() + " to " + lastOffset() + ", epoch " + leaderEpoch() + ", "
                + sizeBytes + " bytes";
    }

    private static final class Batches implements Iterator<BatchHeader> {
        private final ByteBuffer buffer;
        private int next;

        private Batches(ByteBuffer buffer) {
            this.buffer = buffer;
            this.next = buffer.position();
        }

        @Override
        public boolean hasNext() {
            return next < buffer.limit();
        }

        @Override
        public BatchHeader next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            BatchHeader batch = at(buffer, next);
            next += batch.sizeBytes;
            return batch;
        }
    }
}
