package io.siltstone.storage.journal;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Port: the files of one disk's folder. A name holds no separator. Nothing of it is durable before {@link
 * JournalFile#force} and, for names, {@link #fsyncDirectory}; a failed force must never be tried again.
 */
public interface JournalFiles {

    /** The names that are there, in no order. */
    List<String> list() throws IOException;

    /**
     * Creates a file that reads as zeros and occupies all of its space.
     *
     * @param sizeBytes 0 for one that grows as it is written
     * @throws NoRoomException where it cannot have its space; nothing is left of it
     * @throws java.nio.file.FileAlreadyExistsException where the name is taken
     */
    JournalFile create(String name, long sizeBytes) throws IOException;

    /** Opens a file for reading and writing. */
    JournalFile open(String name) throws IOException;

    /**
     * Gives a file another name, in one step; a file of that name is replaced.
     *
     * @throws NoRoomException the folder has no room for the name; nothing has changed
     */
    void rename(String from, String to) throws IOException;

    /** Takes a file away; it may be open. */
    void delete(String name) throws IOException;

    /** Makes the names durable. */
    void fsyncDirectory() throws IOException;

    /** What the file system has left at the moment; others may take it. */
    long usableBytes() throws IOException;

    /** The file system has no room for another file, or for a larger one. Nothing is lost by it. */
    final class NoRoomException extends IOException {

        private static final long serialVersionUID = 1L;

        public NoRoomException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
