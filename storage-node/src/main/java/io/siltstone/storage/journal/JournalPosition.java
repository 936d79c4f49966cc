package io.siltstone.storage.journal;

/**
 * Where a group starts.
 *
 * @param fileNumber of the file; it need not be there yet
 * @param position in it
 * @param sequence that the group has or will have
 */
public record JournalPosition(long fileNumber, long position, long sequence) {

    /** Before the first group of a disk. */
    static final JournalPosition BEGINNING = new JournalPosition(0, JournalFileHeader.BLOCK_BYTES, 1);

    /** Behind the last group of everything before this file. */
    static JournalPosition startOf(long fileNumber, long sequence) {
        return new JournalPosition(fileNumber, JournalFileHeader.BLOCK_BYTES, sequence);
    }

    /** Behind a written group. */
    public static JournalPosition after(JournalGroup group) {
        return new JournalPosition(group.file().number(), group.endPosition(), group.sequence() + 1);
    }
}
