package io.siltstone.storage.journal;

/** Where a record lies: a file's number in the upper half of a long, the position in that file in the lower. */
public final class JournalAddress {

    /** Files are smaller than this. */
    public static final long MAX_FILE_BYTES = 1L << 31;

    private JournalAddress() {}

    public static long of(long fileNumber, long position) {
        return fileNumber << 32 | position;
    }

    public static long fileNumber(long address) {
        return address >>> 32;
    }

    public static long position(long address) {
        return address & 0xffff_ffffL;
    }

    public static String toString(long address) {
        return "file " + fileNumber(address) + " at " + position(address);
    }
}
