package io.siltstone.format.segment;

import io.siltstone.format.BatchHeader;
import io.siltstone.format.Crc32c;
import io.siltstone.format.EpochStart;
import io.siltstone.format.Sha256;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Turns the record batches of closed segments into the bytes of one object, as they come: {@link #begin}, then
 * {@link #append} for each run of batches, then {@link #finish}. What each returns is to be written in that order.
 * Batches are passed on byte for byte and never copied. The same input gives the same object.
 *
 * <p>Not thread-safe. Any exception leaves it unusable.
 */
public final class SegmentObjectWriter {

    /** A block is closed before it would grow past this, unless one batch alone is larger. */
    public static final int DEFAULT_BLOCK_BYTES = 1 << 20;

    private final SegmentSource source;
    private final int blockBytes;
    private final Sha256 sha256 = new Sha256();
    private final CRC32C blockCrc = new CRC32C();
    private final List<BlockEntry> blocks = new ArrayList<>();
    private final List<EpochStart> epochs = new ArrayList<>();
    private long position;
    private long nextOffset;
    private long leastTimestamp = Long.MAX_VALUE;
    private long greatestTimestamp = Long.MIN_VALUE;
    private long blockPosition;
    private long blockBaseOffset;
    private long blockGreatestTimestamp;
    private long lastSegment;
    private boolean finished;

    public SegmentObjectWriter(SegmentSource source, int blockBytes) {
        this.source = source;
        this.lastSegment = source.lastSegment();
        this.blockBytes = blockBytes;
        this.nextOffset = source.baseOffset();
    }

    /** The object's first bytes. */
    public ByteBuffer begin() {
        if (position != 0) {
            throw new IllegalStateException("the object of offset " + source.baseOffset() + " has begun already");
        }
        ByteBuffer header = SegmentObjectFormat.header();
        emit(header);
        blockPosition = position;
        return header;
    }

    /**
     * Takes whole batches in offset order, from the buffer's position to its limit.
     *
     * @return the same bytes, as a view
     * @throws io.siltstone.format.MalformedBatchException where they are not batches
     * @throws IllegalArgumentException where an offset is lower than expected or a batch's own CRC does not match
     */
    public ByteBuffer append(ByteBuffer batches) {
        if (position == 0 || finished) {
            throw new IllegalStateException("batches go between begin and finish");
        }
        for (BatchHeader batch : BatchHeader.in(batches)) {
            add(batch);
        }
        sha256.update(batches);
        return batches.slice();
    }

    private void add(BatchHeader batch) {
        if (batch.baseOffset() < nextOffset) {
            throw new IllegalArgumentException(batch + " comes after offset " + (nextOffset - 1));
        }
        if (!batch.hasValidCrc()) {
            throw new IllegalArgumentException(batch + " does not match its CRC");
        }
        long inBlock = position - blockPosition;
        if (inBlock > 0 && inBlock + batch.sizeBytes() > blockBytes) {
            closeBlock();
        }
        if (position == blockPosition) {
            blockBaseOffset = batch.baseOffset();
            blockGreatestTimestamp = Long.MIN_VALUE;
        }
        blockCrc.update(batch.bytes());
        blockGreatestTimestamp = Math.max(blockGreatestTimestamp, batch.maxTimestamp());
        leastTimestamp = Math.min(leastTimestamp, Math.min(batch.baseTimestamp(), batch.maxTimestamp()));
        if (epochs.isEmpty() || epochs.get(epochs.size() - 1).epoch() != batch.leaderEpoch()) {
            epochs.add(new EpochStart(batch.leaderEpoch(), batch.baseOffset()));
        }
        position += batch.sizeBytes();
        nextOffset = batch.endOffset();
    }

    private void closeBlock() {
        blocks.add(new BlockEntry(
                blocks.size(),
                blockPosition,
                Math.toIntExact(position - blockPosition),
                (int) blockCrc.getValue(),
                blockBaseOffset,
                nextOffset,
                blockGreatestTimestamp));
        greatestTimestamp = Math.max(greatestTimestamp, blockGreatestTimestamp);
        blockPosition = position;
        blockCrc.reset();
    }

    /** The object holds later segments too than its source said; to be called before {@link #finish}. */
    public void extendTo(long laterSegment) {
        if (finished || laterSegment < lastSegment) {
            throw new IllegalStateException("an object through segment " + lastSegment + " cannot end at segment "
                    + laterSegment + ", or is finished");
        }
        lastSegment = laterSegment;
    }

    /** Everything behind the last batch, and what the manifest has to know of the object. */
    public FinishedObject finish(SegmentTrailer trailer) {
        if (finished || position <= SegmentObjectFormat.HEADER_BYTES) {
            throw new IllegalStateException(
                    "the object of offset " + source.baseOffset() + " holds no batch or is finished");
        }
        closeBlock();
        finished = true;
        ByteBuffer snapshot = trailer.producerSnapshot();
        Section section = null;
        if (snapshot.hasRemaining()) {
            section = new Section(position, snapshot.remaining(), Crc32c.of(snapshot));
        }
        SegmentIndex index = index(trailer, section);
        ByteBuffer encoded = SegmentIndexCodec.encode(index);
        long indexPosition = position + snapshot.remaining();
        int indexCrc = Crc32c.of(encoded);
        ByteBuffer tail =
                ByteBuffer.allocate(snapshot.remaining() + encoded.remaining() + SegmentObjectFormat.FOOTER_BYTES);
        tail.put(snapshot.duplicate());
        int indexLength = encoded.remaining();
        tail.put(encoded);
        int footer = tail.position();
        tail.putLong(indexPosition).putInt(indexLength).putInt(indexCrc).putInt(SegmentObjectFormat.VERSION);
        tail.putInt(Crc32c.of(tail.slice(footer, SegmentObjectFormat.FOOTER_CRC_AT)));
        tail.put(SegmentObjectFormat.FOOTER_MAGIC).flip();
        emit(tail);
        return new FinishedObject(tail, position, sha256.hex(), index, indexPosition, indexCrc);
    }

    private SegmentIndex index(SegmentTrailer trailer, @Nullable Section section) {
        return new SegmentIndex(
                source.topicName(),
                source.topic(),
                source.partition(),
                source.firstSegment(),
                lastSegment,
                source.baseOffset(),
                trailer.endOffset(),
                epochs,
                leastTimestamp,
                greatestTimestamp,
                trailer.greatestTimestampOffset(),
                blocks,
                trailer.aborted(),
                section);
    }

    private void emit(ByteBuffer bytes) {
        sha256.update(bytes);
        position += bytes.remaining();
    }
}
