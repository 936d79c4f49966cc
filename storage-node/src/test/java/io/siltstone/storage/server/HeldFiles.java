package io.siltstone.storage.server;

import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.JournalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Files of which checkpoints, or the forces or the reads of journal files, are held back until a test lets them through. */
final class HeldFiles implements JournalFiles {

    private static final int ALL = 1 << 29;

    private final JournalFiles files;
    private final Semaphore checkpoints = new Semaphore(ALL);
    private final Semaphore forces = new Semaphore(ALL);
    private final Semaphore reads = new Semaphore(ALL);

    HeldFiles(JournalFiles files) {
        this.files = files;
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
    public List<String> list() throws IOException {
        return files.list();
    }

    @Override
    public JournalFile create(String name, long sizeBytes) throws IOException {
        if (name.equals("checkpoint.tmp")) {
            checkpoints.acquireUninterruptibly();
        }
        return held(name, files.create(name, sizeBytes));
    }

    @Override
    public JournalFile open(String name) throws IOException {
        return held(name, files.open(name));
    }

    private JournalFile held(String name, JournalFile file) {
        return name.startsWith("journal-") ? new HeldFile(file, forces, reads) : file;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        files.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        files.delete(name);
    }

    @Override
    public void fsyncDirectory() throws IOException {
        files.fsyncDirectory();
    }

    private record HeldFile(JournalFile file, Semaphore forces, Semaphore reads) implements JournalFile {

        @Override
        public long sizeBytes() throws IOException {
            return file.sizeBytes();
        }

        @Override
        public void write(ByteBuffer[] buffers, int count, long position) throws IOException {
            file.write(buffers, count, position);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            reads.acquireUninterruptibly();
            return file.read(target, position);
        }

        @Override
        public void force() throws IOException {
            forces.acquireUninterruptibly();
            file.force();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
