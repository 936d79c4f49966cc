package io.siltstone.storage.journal;

import io.siltstone.log.EntryHeader;

/**
 * Sizes of a disk's journal.
 *
 * @param fileBytes of each file, a multiple of 4096
 * @param limitBytes that all files together take at most
 */
public record JournalSettings(long fileBytes, long limitBytes) {

    public static final long MIN_FILE_BYTES = 256 << 10;
    /** Files that appends leave to fences, drops, recovery, compaction and starts. */
    public static final int RESERVE_FILES = 3;
    /** Head, next file, one in the making and the reserve. */
    public static final int MIN_FILES = 3 + RESERVE_FILES;

    private static final long MAX_GROUP_BYTES = 4 << 20;

    public JournalSettings {
        if (fileBytes < MIN_FILE_BYTES
                || fileBytes > JournalAddress.MAX_FILE_BYTES
                || fileBytes % JournalFileHeader.BLOCK_BYTES != 0) {
            throw new IllegalArgumentException("journal files of " + fileBytes + " bytes: not a multiple of 4096 from "
                    + MIN_FILE_BYTES + " to " + JournalAddress.MAX_FILE_BYTES);
        }
        if (limitBytes < MIN_FILES * fileBytes) {
            throw new IllegalArgumentException("a limit of " + limitBytes + " bytes leaves no room for " + MIN_FILES
                    + " journal files of " + fileBytes + " bytes");
        }
    }

    /** A group is closed when it has this many bytes. */
    public long groupBytes() {
        return Math.min(MAX_GROUP_BYTES, fileBytes / 4);
    }

    /** The longest payload that is taken. */
    public int maxEntryBytes() {
        return (int) Math.min(EntryHeader.MAX_LENGTH, fileBytes / 2);
    }

    /** Room that appends leave to fences, drops, recovery, compaction and starts. */
    public long reserveBytes() {
        return Math.max(RESERVE_FILES * fileBytes, limitBytes / 10);
    }
}
