package io.siltstone.storage.journal;

import java.io.IOException;

/** A journal file that is to be created. */
public final class NewFile {

    private final JournalFiles files;
    private final String name;
    private final long sizeBytes;

    NewFile(JournalFiles files, String name, long sizeBytes) {
        this.files = files;
        this.name = name;
        this.sizeBytes = sizeBytes;
    }

    String name() {
        return name;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    /**
     * Does the work, which takes as long as writing the whole file.
     *
     * @throws JournalFiles.NoRoomException there is no room for it; nothing is left of it
     * @throws IOException the node must stop
     */
    public JournalFile create() throws IOException {
        JournalFile file = files.create(name, sizeBytes);
        files.fsyncDirectory();
        return file;
    }
}
