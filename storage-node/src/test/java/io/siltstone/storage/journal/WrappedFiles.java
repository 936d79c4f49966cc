package io.siltstone.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** Files that behave as others do, but for what a test changes of the files that it wraps. */
public abstract class WrappedFiles implements JournalFiles {

    private final JournalFiles files;

    protected WrappedFiles(JournalFiles files) {
        this.files = files;
    }

    /** What is to be used in place of a file that was opened or created. */
    protected abstract JournalFile wrap(String name, JournalFile file);

    @Override
    public List<String> list() throws IOException {
        return files.list();
    }

    @Override
    public JournalFile create(String name, long sizeBytes) throws IOException {
        return wrap(name, files.create(name, sizeBytes));
    }

    @Override
    public JournalFile open(String name) throws IOException {
        return wrap(name, files.open(name));
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

    @Override
    public long usableBytes() throws IOException {
        return files.usableBytes();
    }

    /** A file that behaves as another one does. */
    public static class WrappedFile implements JournalFile {

        private final JournalFile file;

        protected WrappedFile(JournalFile file) {
            this.file = file;
        }

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
            return file.read(target, position);
        }

        @Override
        public void force() throws IOException {
            file.force();
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
