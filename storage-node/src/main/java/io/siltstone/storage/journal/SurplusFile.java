package io.siltstone.storage.journal;

import java.io.IOException;

/** A file that holds nothing and that the journal does without. */
public final class SurplusFile {

    private final JournalFiles files;
    private final String name;
    private final JournalFile file;

    SurplusFile(JournalFiles files, String name, JournalFile file) {
        this.files = files;
        this.name = name;
        this.file = file;
    }

    /**
     * Gives its room back to the file system. After a crash it may be there again, and holds nothing then as before.
     *
     * @throws IOException the node must stop
     */
    public void delete() throws IOException {
        file.close();
        files.delete(name);
    }
}
