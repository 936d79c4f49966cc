package io.siltstone.storage.replica;

import java.util.function.Consumer;

/** Port: reads from the journal's files, usually on other threads. */
@FunctionalInterface
public interface EntryReads {

    /**
     * Reads.
     *
     * @param done called on the core's thread, once
     */
    void read(ReadPlan plan, Consumer<ReadResult> done);
}
