package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest confirmed entries of the partitions of one event loop, as they were received, up to a number of bytes.
 * Confined to that loop.
 *
 * <p>First in, first out over all its partitions: readers change nothing, so a reader of old data cannot push the tail
 * out. Counts what an entry pins, its share of the request that it came in, not its length.
 */
public final class TailCache {

    private final long maxBytes;
    private final ArrayDeque<Cached> oldestFirst = new ArrayDeque<>();
    private long bytes;

    public TailCache(long maxBytes) {
        this.maxBytes = maxBytes;
    }

    public long bytes() {
        return bytes;
    }

    private void evict() {
        while (bytes > maxBytes) {
            Cached oldest = oldestFirst.remove();
            if (oldest.live) {
                oldest.tail.dropOldest(oldest);
            }
        }
        while (!oldestFirst.isEmpty() && !oldestFirst.peek().live) {
            oldestFirst.remove();
        }
    }

    private void free(Cached entry) {
        entry.live = false;
        bytes -= entry.pinnedBytes;
        entry.batches.release();
    }

    /** The tail of a partition that starts with nothing cached. */
    Tail newTail() {
        return new Tail();
    }

    /** One entry; {@code live} until it is evicted or its partition goes. */
    private static final class Cached {
        private final Tail tail;
        private final long baseOffset;
        private final long endOffset;
        private final ByteBuf batches;
        private final int pinnedBytes;
        private boolean live = true;

        private Cached(Tail tail, long baseOffset, long endOffset, ByteBuf batches, int pinnedBytes) {
            this.tail = tail;
            this.baseOffset = baseOffset;
            this.endOffset = endOffset;
            this.batches = batches;
            this.pinnedBytes = pinnedBytes;
        }
    }

    /**
     * The cached entries of one partition: without a gap, up to its high watermark.
     */
    final class Tail {

        /** A ring: its length is a power of two. */
        private Cached[] ring = new Cached[16];

        private int first;
        private int count;

        /**
         * Adds the entry that was confirmed last; takes over a reference.
         *
         * @param pinnedBytes memory that goes free with it
         */
        void add(long baseOffset, long endOffset, ByteBuf batches, int pinnedBytes) {
            if (count > 0 && at(count - 1).endOffset != baseOffset) {
                batches.release();
                throw new IllegalStateException(
                        "entry at " + baseOffset + " follows offset " + at(count - 1).endOffset);
            }
            Cached entry = new Cached(this, baseOffset, endOffset, batches, pinnedBytes);
            if (count == ring.length) {
                grow();
            }
            ring[(first + count) & (ring.length - 1)] = entry;
            count++;
            oldestFirst.add(entry);
            bytes += pinnedBytes;
            evict();
        }

        private void grow() {
            Cached[] larger = new Cached[ring.length * 2];
            for (int i = 0; i < count; i++) {
                larger[i] = at(i);
            }
            ring = larger;
            first = 0;
        }

        private Cached at(int index) {
            return ring[(first + index) & (ring.length - 1)];
        }

        boolean contains(long offset) {
            return count > 0 && at(0).baseOffset <= offset && offset < at(count - 1).endOffset;
        }

        /** The first offset that is cached; {@link Long#MAX_VALUE} where none is. */
        long startOffset() {
            return count == 0 ? Long.MAX_VALUE : at(0).baseOffset;
        }

        /**
         * The entries from the one that holds the offset on, to about {@code maxBytes}, at least one.
         *
         * @return retained duplicates for the caller to release
         */
        List<ByteBuf> read(long offset, int maxReadBytes) {
            if (!contains(offset)) {
                throw new IllegalArgumentException("offset " + offset + " is not cached");
            }
            List<ByteBuf> slices = new ArrayList<>();
            int taken = 0;
            for (int i = indexOf(offset); i < count; i++) {
                ByteBuf batches = at(i).batches;
                if (taken > 0 && taken + batches.readableBytes() > maxReadBytes) {
                    break;
                }
                slices.add(batches.retainedDuplicate());
                taken += batches.readableBytes();
            }
            return slices;
        }

        private int indexOf(long offset) {
            int low = 0;
            int high = count - 1;
            while (low < high) {
                int middle = (low + high + 1) >>> 1;
                if (at(middle).baseOffset <= offset) {
                    low = middle;
                } else {
                    high = middle - 1;
                }
            }
            return low;
        }

        @SuppressWarnings("ReferenceEquality") // An entry is only itself.
        private void dropOldest(Cached entry) {
            if (at(0) != entry) {
                throw new IllegalStateException("evicted an entry that is not its partition's oldest");
            }
            first = (first + 1) & (ring.length - 1);
            count--;
            free(entry);
        }

        /** Lets go of everything: the partition is not owned any more. */
        void clear() {
            for (int i = 0; i < count; i++) {
                free(at(i));
            }
            ring = new Cached[16];
            first = 0;
            count = 0;
        }
    }
}
