package io.siltstone.benchmarks.journal;

import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.JournalFiles;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A disk that costs nothing: it takes whatever is written, at once, and reads as zeros. */
final class ForgetfulFiles implements JournalFiles {

    private final Map<String, JournalFile> files = new HashMap<>();

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public JournalFile create(String name, long sizeBytes) {
        JournalFile file = new ForgetfulFile(sizeBytes);
        files.put(name, file);
        return file;
    }

    @Override
    public JournalFile open(String name) {
        return Objects.requireNonNull(files.get(name), name);
    }

    @Override
    public void rename(String from, String to) {
        files.put(to, open(from));
        files.remove(from);
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public void fsyncDirectory() {}

    /** A file of which only the size is known. */
    static final class ForgetfulFile implements JournalFile {

        private long sizeBytes;

        ForgetfulFile(long sizeBytes) {
            this.sizeBytes = sizeBytes;
        }

        @Override
        public long sizeBytes() {
            return sizeBytes;
        }

        @Override
        public void write(ByteBuffer[] buffers, int count, long position) {
            long end = position;
            for (int i = 0; i < count; i++) {
                end += buffers[i].remaining();
                buffers[i].position(buffers[i].limit());
            }
            sizeBytes = Math.max(sizeBytes, end);
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int bytes = (int) Math.min(target.remaining(), Math.max(0, sizeBytes - position));
            for (int i = 0; i < bytes; i++) {
                target.put((byte) 0);
            }
            return bytes;
        }

        @Override
        public void force() {}

        @Override
        public void close() {}
    }
}
