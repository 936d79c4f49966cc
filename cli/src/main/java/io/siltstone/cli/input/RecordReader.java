package io.siltstone.cli.input;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Reads the records of a file one after the other. Confined to one thread. */
public interface RecordReader extends Closeable {
    /**
     * The next record; null after the last.
     *
     * @throws InputException if what comes next is not a record
     */
    @Nullable
    InputRecord next() throws IOException;
}
