package io.siltstone.storage.journal;

/**
 * An open journal file in one of its uses.
 *
 * @param name in the folder, kept over all its uses
 * @param number of this use, ascending over all files
 * @param epoch of this use
 */
public record NumberedFile(String name, long number, long epoch, long sizeBytes, JournalFile file) {}
