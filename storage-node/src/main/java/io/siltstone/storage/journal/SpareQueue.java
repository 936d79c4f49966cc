package io.siltstone.storage.journal;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Files that are ready to be written, on their way from who readies them to the journal's thread, which waits for them. */
public final class SpareQueue implements JournalWriter.SpareFiles {

    // The monitor of this object guards the fields.
    private final Deque<NumberedFile> ready = new ArrayDeque<>();
    private boolean closed;

    public synchronized void offer(NumberedFile file) {
        ready.add(file);
        notifyAll();
    }

    public synchronized boolean isEmpty() {
        return ready.isEmpty();
    }

    @Override
    public synchronized NumberedFile next() throws IOException {
        try {
            while (ready.isEmpty() && !closed) {
                wait();
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a journal file", stopped);
        }
        NumberedFile file = ready.poll();
        if (file == null) {
            throw new IOException("the journal is closed");
        }
        return file;
    }

    /** Who waits gets an error. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
