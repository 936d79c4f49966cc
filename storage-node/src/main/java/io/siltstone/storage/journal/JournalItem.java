package io.siltstone.storage.journal;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;

/** What waits for the journal, in the order in which it was decided. */
public abstract sealed class JournalItem {

    private JournalItem() {}

    /** Bytes of the journal that it takes. */
    abstract int recordBytes();

    /** An entry and its payload, of which it holds a reference. */
    public static final class Entry extends JournalItem {

        private final EntryHeader header;
        private final ByteBuf payload;
        private final int lane;
        private final boolean moved;
        private long address = -1;

        /**
         * @param lane the same for entries of one segment, which are written side by side
         * @param moved a copy of what another file holds
         */
        public Entry(EntryHeader header, ByteBuf payload, int lane, boolean moved) {
            this.header = header;
            this.payload = payload;
            this.lane = lane;
            this.moved = moved;
        }

        public EntryHeader header() {
            return header;
        }

        public ByteBuf payload() {
            return payload;
        }

        public boolean moved() {
            return moved;
        }

        /** Where its record lies; -1 before it was written. */
        public long address() {
            return address;
        }

        @Override
        public int recordBytes() {
            return RecordFormat.HEADER_BYTES + header.length();
        }

        int lane() {
            return lane;
        }

        void placedAt(long newAddress) {
            address = newAddress;
        }
    }

    /** The segment refuses its writer from now on. */
    public static final class Fence extends JournalItem {

        private final SegmentId segment;
        private final int epoch;

        public Fence(SegmentId segment, int epoch) {
            this.segment = segment;
            this.epoch = epoch;
        }

        public SegmentId segment() {
            return segment;
        }

        public int epoch() {
            return epoch;
        }

        @Override
        int recordBytes() {
            return RecordFormat.HEADER_BYTES;
        }
    }

    /** Segments of the partition below the number are gone for good. */
    public static final class Drop extends JournalItem {

        private final PartitionId partition;
        private final long below;

        public Drop(PartitionId partition, long below) {
            this.partition = partition;
            this.below = below;
        }

        public PartitionId partition() {
            return partition;
        }

        public long below() {
            return below;
        }

        @Override
        int recordBytes() {
            return RecordFormat.HEADER_BYTES;
        }
    }

    /** Nothing to write: what is to happen when everything before it is durable. */
    public static final class Barrier extends JournalItem {

        private final Runnable reached;

        public Barrier(Runnable reached) {
            this.reached = reached;
        }

        public void reach() {
            reached.run();
        }

        @Override
        int recordBytes() {
            return 0;
        }
    }
}
