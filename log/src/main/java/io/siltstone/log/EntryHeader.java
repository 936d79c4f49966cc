package io.siltstone.log;

/**
 * What is known of an entry without its payload.
 *
 * @param entry dense id within the segment, from 0
 * @param epoch the writer's epoch, Kafka's leader epoch
 * @param lastConfirmed a lower bound of the segment's confirmed entries when this one was sent; -1 for none
 * @param baseOffset the first offset; of a snapshot the offset that its state precedes
 * @param offsetCount offsets taken; 0 for a snapshot
 * @param appendTimeMs wall clock of the append
 * @param chunk index of a snapshot's chunk, from 0; 0 for batches
 * @param chunks how many chunks the snapshot has; 0 for batches
 * @param crc CRC32C of the payload
 * @param length bytes of the payload
 */
public record EntryHeader(
        SegmentId segment,
        long entry,
        int epoch,
        long lastConfirmed,
        long baseOffset,
        int offsetCount,
        long appendTimeMs,
        EntryKind kind,
        int chunk,
        int chunks,
        int crc,
        int length) {

    /** A frame ends at 16 MiB, and an entry never spans frames. */
    public static final int MAX_LENGTH = 16 << 20;

    public EntryHeader {
        if (entry < 0 || epoch < 0 || baseOffset < 0 || offsetCount < 0 || length < 0 || length > MAX_LENGTH) {
            throw new IllegalArgumentException("entry " + entry + " of " + segment + ": epoch " + epoch
                    + ", base offset " + baseOffset + ", " + offsetCount + " offsets, " + length + " bytes");
        }
        if (lastConfirmed < -1 || lastConfirmed >= entry) {
            throw new IllegalArgumentException("entry " + entry + " claims " + lastConfirmed + " confirmed");
        }
        boolean batches = kind == EntryKind.BATCHES;
        if (batches != (offsetCount > 0) || batches != (chunks == 0) || chunk < 0 || (!batches && chunk >= chunks)) {
            throw new IllegalArgumentException("entry " + entry + " of " + segment + ": " + kind + " with "
                    + offsetCount + " offsets, chunk " + chunk + " of " + chunks);
        }
    }

    /** The offset after the last one of this entry. */
    public long endOffset() {
        return baseOffset + offsetCount;
    }

    /** The same bytes and offsets at another place of the chain, as a roll resends them (rule 9). */
    public EntryHeader movedTo(SegmentId newSegment, long newEntry, long newLastConfirmed) {
        return new EntryHeader(
                newSegment,
                newEntry,
                epoch,
                newLastConfirmed,
                baseOffset,
                offsetCount,
                appendTimeMs,
                kind,
                chunk,
                chunks,
                crc,
                length);
    }
}
