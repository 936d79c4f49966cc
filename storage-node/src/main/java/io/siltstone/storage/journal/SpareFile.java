package io.siltstone.storage.journal;

import java.io.IOException;

/** A file that holds nothing and is to be readied for groups, by a new header. */
public final class SpareFile {

    private final JournalFileHeader header;
    private final String name;
    private final long sizeBytes;
    private final JournalFile file;

    SpareFile(JournalFileHeader header, String name, long sizeBytes, JournalFile file) {
        this.header = header;
        this.name = name;
        this.sizeBytes = sizeBytes;
        this.file = file;
    }

    /**
     * Does the work.
     *
     * @throws IOException the node must stop
     */
    public NumberedFile ready() throws IOException {
        header.writeTo(file);
        return new NumberedFile(name, header.number(), header.epoch(), sizeBytes, file);
    }
}
