package io.siltstone.storage.journal;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A file that is to be readied for groups: zeros are written once, a file that is used again only gets a new header. */
public final class SpareFile {

    private final JournalFiles files;
    private final JournalFileHeader header;
    private final String name;
    private final long sizeBytes;
    private final @Nullable JournalFile used;

    SpareFile(JournalFiles files, JournalFileHeader header, String name, long sizeBytes, @Nullable JournalFile used) {
        this.files = files;
        this.header = header;
        this.name = name;
        this.sizeBytes = sizeBytes;
        this.used = used;
    }

    /** Whether the file is yet to be created. */
    public boolean isNew() {
        return used == null;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Does the work; it may take as long as writing the whole file.
     *
     * @throws JournalFiles.NoRoomException there is no room for a new file; nothing is left of it
     * @throws IOException the node must stop
     */
    public NumberedFile ready() throws IOException {
        JournalFile file = used;
        if (file == null) {
            file = files.create(name, sizeBytes);
            files.fsyncDirectory();
        }
        header.writeTo(file);
        return new NumberedFile(name, header.number(), header.epoch(), sizeBytes, file);
    }
}
