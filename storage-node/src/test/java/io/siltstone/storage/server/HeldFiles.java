package io.siltstone.storage.server;

import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.JournalFiles;
import io.siltstone.storage.journal.WrappedFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;

/** Files of which checkpoints, or the forces or the reads of journal files, are held back until a test lets them through. */
final class HeldFiles extends WrappedFiles {

    private static final int ALL = 1 << 29;

    private final Semaphore checkpoints = new Semaphore(ALL);
    private final Semaphore forces = new Semaphore(ALL);
    private final Semaphore reads = new Semaphore(ALL);

    HeldFiles(JournalFiles files) {
        super(files);
    }

    void holdCheckpoints() {
        checkpoints.drainPermits();
    }

    void holdForces() {
        forces.drainPermits();
    }

    void holdReads() {
        reads.drainPermits();
    }

    boolean isReadHeld() {
        return reads.hasQueuedThreads();
    }

    /** Lets one force through where one waits. */
    void letOneForce() {
        if (forces.hasQueuedThreads()) {
            forces.release();
        }
    }

    void letAll() {
        checkpoints.release(ALL / 2);
        forces.release(ALL / 2);
        reads.release(ALL / 2);
    }

    @Override
    protected JournalFile wrap(String name, JournalFile file) {
        if (name.equals("checkpoint.reserve")) {
            checkpoints.acquireUninterruptibly();
        }
        return name.startsWith("journal-") ? new HeldFile(file) : file;
    }

    private final class HeldFile extends WrappedFile {

        HeldFile(JournalFile file) {
            super(file);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            reads.acquireUninterruptibly();
            return super.read(target, position);
        }

        @Override
        public void force() throws IOException {
            forces.acquireUninterruptibly();
            super.force();
        }
    }
}
