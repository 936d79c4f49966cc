package io.siltstone.storage.index;

import java.util.Arrays;

/** Where copies of a segment's entries lie; added in any order, the last of an entry counts. */
public final class MovedEntries {

    private long[] entries = new long[16];
    private long[] addresses = new long[16];
    private int[] recordBytes = new int[16];
    private int size;

    /** Takes one entry. */
    @FunctionalInterface
    public interface Visitor {
        void visit(long entry, long address, int recordBytes);
    }

    /** Adds an entry; mostly they ascend. Tells the address that it replaces, or -1. */
    public long add(long entry, long address, int bytes) {
        int at = Arrays.binarySearch(entries, 0, size, entry);
        long replaced = at < 0 ? -1 : addresses[at];
        if (at < 0) {
            at = -at - 1;
            if (size == entries.length) {
                entries = Arrays.copyOf(entries, 2 * size);
                addresses = Arrays.copyOf(addresses, 2 * size);
                recordBytes = Arrays.copyOf(recordBytes, 2 * size);
            }
            System.arraycopy(entries, at, entries, at + 1, size - at);
            System.arraycopy(addresses, at, addresses, at + 1, size - at);
            System.arraycopy(recordBytes, at, recordBytes, at + 1, size - at);
            size++;
        }
        entries[at] = entry;
        addresses[at] = address;
        recordBytes[at] = bytes;
        return replaced;
    }

    /** Looks at every entry that is here. */
    public void forEach(Visitor visitor) {
        for (int i = 0; i < size; i++) {
            visitor.visit(entries[i], addresses[i], recordBytes[i]);
        }
    }

    /** Whether all of these entries are here. */
    boolean covers(long first, int count) {
        int at = Arrays.binarySearch(entries, 0, size, first);
        return at >= 0 && at + count <= size && entries[at + count - 1] == first + count - 1;
    }

    void forEach(long first, int count, Visitor visitor) {
        int at = Arrays.binarySearch(entries, 0, size, first);
        for (int i = at; i < at + count; i++) {
            visitor.visit(entries[i], addresses[i], recordBytes[i]);
        }
    }
}
