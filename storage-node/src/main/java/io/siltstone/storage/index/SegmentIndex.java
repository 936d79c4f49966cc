package io.siltstone.storage.index;

import io.siltstone.storage.journal.CheckpointInput;
import io.siltstone.storage.journal.CheckpointOutput;
import java.io.IOException;
import java.util.Arrays;

/**
 * Where the entries of one segment lie. Owned by the core's thread.
 *
 * <p>Entries that lie side by side are one extent. Extents are coded as varints in pages of about 64 KiB of the
 * segment's bytes; a page's first entry, offset and address stand in arrays, so that a lookup is a binary search and the
 * decoding of one page. An entry that lies alone costs about five bytes. Invariant: what was added stays as it is but for
 * {@link #relocate}, which builds new arrays; so a {@link View} needs no copy.
 */
public final class SegmentIndex {

    /** A page is closed when it has this many bytes of the segment. */
    public static final int PAGE_BYTES = 64 << 10;

    private long[] pageEntries = new long[2];
    private long[] pageOffsets = new long[2];
    private long[] pageAddresses = new long[2];
    private int[] pageExtents = new int[2];
    private int pages;
    private byte[] extents = new byte[16];
    private int extentsLength;
    private long lastEntry = -1;
    private long endOffset;
    private long bytes;

    // The last extent, which may still grow, is not coded yet; openCount is 0 where there is none.
    private long openEntry;
    private long openAddress;
    private int openCount;
    private int openBytes;
    private long pageBytes;
    private long codedEnd;

    /** Looks at one extent. */
    @FunctionalInterface
    public interface ExtentVisitor {

        /** Tells whether to go on. */
        boolean visit(long firstEntry, int count, long address, int extentBytes);
    }

    public SegmentIndex(long baseOffset) {
        this.endOffset = baseOffset;
    }

    /**
     * Adds the next entry.
     *
     * @param nextEndOffset the offset after the entry's last
     * @param recordBytes its bytes in the journal
     */
    public void append(long nextEndOffset, long address, int recordBytes) {
        boolean newPage = pages == 0 || pageBytes >= PAGE_BYTES;
        lastEntry++;
        if (!newPage && openCount > 0 && openAddress + openBytes == address) {
            openCount++;
            openBytes += recordBytes;
        } else {
            closeExtent();
            if (newPage) {
                startPage(lastEntry, endOffset, address);
            }
            openEntry = lastEntry;
            openAddress = address;
            openCount = 1;
            openBytes = recordBytes;
        }
        pageBytes += recordBytes;
        bytes += recordBytes;
        endOffset = nextEndOffset;
    }

    public long lastEntry() {
        return lastEntry;
    }

    public long endOffset() {
        return endOffset;
    }

    /** Bytes of all records in the journal. */
    public long bytes() {
        return bytes;
    }

    /** Heap that the arrays take. */
    long heapBytes() {
        return 28L * pageEntries.length + extents.length;
    }

    /** Looks at every extent, in the order of entries. */
    public void forEachExtent(ExtentVisitor visitor) {
        visitFrom(0, visitor);
    }

    /** Looks at the extents from the one that holds the entry on; nothing beyond the last entry. */
    public void fromEntry(long entry, ExtentVisitor visitor) {
        if (entry > lastEntry) {
            return;
        }
        visitFrom(
                pageOf(pageEntries, entry),
                (first, count, address, extentBytes) ->
                        first + count <= entry || visitor.visit(first, count, address, extentBytes));
    }

    /** Looks at the extents of the page that holds the offset, and on; nothing where the offset is not reached yet. */
    public void fromOffset(long offset, ExtentVisitor visitor) {
        if (offset < endOffset) {
            visitFrom(pageOf(pageOffsets, offset), visitor);
        }
    }

    /**
     * Entries lie elsewhere now. An extent follows when all its entries are among them.
     *
     * @param changed is told each extent that went (negative bytes) and that came
     */
    public void relocate(MovedEntries moved, AddressChange changed) {
        SegmentIndex next = new SegmentIndex(pages == 0 ? endOffset : pageOffsets[0]);
        int[] page = {-1};
        forEachExtent((first, count, address, extentBytes) -> {
            if (page[0] + 1 < pages && first == pageEntries[page[0] + 1]) {
                page[0]++;
                next.closeExtent();
                next.startPage(first, pageOffsets[page[0]], address);
            }
            if (moved.covers(first, count)) {
                changed.changed(address, -extentBytes);
                moved.forEach(first, count, (entry, newAddress, recordBytes) -> {
                    changed.changed(newAddress, recordBytes);
                    next.place(entry, 1, newAddress, recordBytes);
                });
            } else {
                next.place(first, count, address, extentBytes);
            }
            return true;
        });
        next.lastEntry = lastEntry;
        next.endOffset = endOffset;
        next.bytes = bytes;
        next.pageBytes = pageBytes;
        take(next);
    }

    /** Hears of bytes that came to lie, or went (negative), at an address. */
    @FunctionalInterface
    public interface AddressChange {
        void changed(long address, int recordBytes);
    }

    /** Forgets the page that holds the entry and everything behind it. */
    public void truncateBefore(long entry) {
        int page = pageOf(pageEntries, entry);
        SegmentIndex next = new SegmentIndex(pages == 0 ? endOffset : pageOffsets[0]);
        int[] at = {-1};
        forEachExtent((first, count, address, extentBytes) -> {
            if (at[0] + 1 < pages && first == pageEntries[at[0] + 1]) {
                at[0]++;
                if (at[0] == page) {
                    return false;
                }
                next.closeExtent();
                next.startPage(first, pageOffsets[at[0]], address);
            }
            next.place(first, count, address, extentBytes);
            next.bytes += extentBytes;
            return true;
        });
        next.lastEntry = pageEntries[page] - 1;
        next.endOffset = pageOffsets[page];
        next.pageBytes = PAGE_BYTES;
        take(next);
    }

    private void place(long entry, int count, long address, int recordBytes) {
        if (openCount > 0 && openAddress + openBytes == address) {
            openCount += count;
            openBytes += recordBytes;
            return;
        }
        closeExtent();
        openEntry = entry;
        openAddress = address;
        openCount = count;
        openBytes = recordBytes;
    }

    private void take(SegmentIndex next) {
        pageEntries = next.pageEntries;
        pageOffsets = next.pageOffsets;
        pageAddresses = next.pageAddresses;
        pageExtents = next.pageExtents;
        pages = next.pages;
        extents = next.extents;
        extentsLength = next.extentsLength;
        lastEntry = next.lastEntry;
        endOffset = next.endOffset;
        bytes = next.bytes;
        openEntry = next.openEntry;
        openAddress = next.openAddress;
        openCount = next.openCount;
        openBytes = next.openBytes;
        pageBytes = next.pageBytes;
        codedEnd = next.codedEnd;
    }

    /** The last page whose first key is at most this one. */
    private int pageOf(long[] keys, long key) {
        int low = 0;
        int high = pages - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (keys[middle] <= key) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private void visitFrom(int firstPage, ExtentVisitor visitor) {
        for (int page = firstPage; page < pages; page++) {
            Varints in = new Varints(extents, pageExtents[page]);
            int end = page + 1 < pages ? pageExtents[page + 1] : extentsLength;
            long entry = pageEntries[page];
            long address = pageAddresses[page];
            while (in.position() < end) {
                long coded = in.next();
                int extentBytes = (int) (coded >>> 1);
                int count = (coded & 1) == 0 ? 1 : (int) in.next();
                address += in.nextSigned();
                if (!visitor.visit(entry, count, address, extentBytes)) {
                    return;
                }
                entry += count;
                address += extentBytes;
            }
        }
        if (openCount > 0) {
            visitor.visit(openEntry, openCount, openAddress, openBytes);
        }
    }

    private void startPage(long entry, long offset, long address) {
        if (pages == pageEntries.length) {
            int capacity = pages + Math.max(2, pages / 2);
            pageEntries = Arrays.copyOf(pageEntries, capacity);
            pageOffsets = Arrays.copyOf(pageOffsets, capacity);
            pageAddresses = Arrays.copyOf(pageAddresses, capacity);
            pageExtents = Arrays.copyOf(pageExtents, capacity);
        }
        pageEntries[pages] = entry;
        pageOffsets[pages] = offset;
        pageAddresses[pages] = address;
        pageExtents[pages] = extentsLength;
        pages++;
        pageBytes = 0;
        codedEnd = address;
    }

    private void closeExtent() {
        if (openCount == 0) {
            return;
        }
        if (extents.length - extentsLength < 3 * Varints.MAX_BYTES) {
            extents = Arrays.copyOf(extents, extents.length + Math.max(3 * Varints.MAX_BYTES, extents.length / 4));
        }
        int at = Varints.write(extents, extentsLength, (long) openBytes << 1 | (openCount > 1 ? 1 : 0));
        if (openCount > 1) {
            at = Varints.write(extents, at, openCount);
        }
        extentsLength = Varints.writeSigned(extents, at, openAddress - codedEnd);
        codedEnd = openAddress + openBytes;
        openCount = 0;
    }

    /** What the index holds now; another thread may write it while this one goes on. */
    public View view() {
        closeExtent();
        return new View(
                pageEntries,
                pageOffsets,
                pageAddresses,
                pageExtents,
                pages,
                extents,
                extentsLength,
                lastEntry,
                endOffset,
                bytes,
                pageBytes,
                codedEnd);
    }

    public static SegmentIndex readFrom(CheckpointInput in) throws IOException {
        SegmentIndex index = new SegmentIndex(0);
        index.lastEntry = in.getLong();
        index.endOffset = in.getLong();
        index.bytes = in.getLong();
        index.pageBytes = in.getLong();
        index.codedEnd = in.getLong();
        index.pages = in.getInt();
        int capacity = Math.max(2, index.pages);
        index.pageEntries = new long[capacity];
        index.pageOffsets = new long[capacity];
        index.pageAddresses = new long[capacity];
        index.pageExtents = new int[capacity];
        in.getLongs(index.pageEntries, index.pages);
        in.getLongs(index.pageOffsets, index.pages);
        in.getLongs(index.pageAddresses, index.pages);
        in.getInts(index.pageExtents, index.pages);
        index.extentsLength = in.getInt();
        index.extents = new byte[Math.max(16, index.extentsLength)];
        in.getBytes(index.extents, index.extentsLength);
        return index;
    }

    /** An index at one moment. Its arrays are shared with the index, which writes only behind what this one counts. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record View(
            long[] pageEntries,
            long[] pageOffsets,
            long[] pageAddresses,
            int[] pageExtents,
            int pages,
            byte[] extents,
            int extentsLength,
            long lastEntry,
            long endOffset,
            long bytes,
            long pageBytes,
            long codedEnd) {

        public void writeTo(CheckpointOutput out) throws IOException {
            out.putLong(lastEntry)
                    .putLong(endOffset)
                    .putLong(bytes)
                    .putLong(pageBytes)
                    .putLong(codedEnd);
            out.putInt(pages)
                    .putLongs(pageEntries, pages)
                    .putLongs(pageOffsets, pages)
                    .putLongs(pageAddresses, pages)
                    .putInts(pageExtents, pages);
            out.putInt(extentsLength).putBytes(extents, extentsLength);
        }
    }
}
