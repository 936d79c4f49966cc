package io.siltstone.testkit.simulation;

import io.siltstone.storage.journal.JournalFile;
import io.siltstone.storage.journal.JournalFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A disk under a page cache. What was written is seen at once and durable once forced; a loss of power keeps any subset
 * of the 4 KiB pages that were not, and any prefix of the changes of names. After a failed force the cache still shows
 * what the disk lacks and holds it for clean, so a later force does not write it.
 */
final class SimDisk implements JournalFiles {

    private static final int PAGE = 4096;

    private final World world;
    private TreeMap<String, SimFile> names = new TreeMap<>();
    private TreeMap<String, SimFile> durableNames = new TreeMap<>();
    private double failForce;

    SimDisk(World world) {
        this.world = world;
    }

    void failForce(double probability) {
        failForce = probability;
    }

    /** The machine lost its power. */
    void powerLost() {
        names = world.chance(0.5) ? names : new TreeMap<>(durableNames);
        durableNames = new TreeMap<>(names);
        names.values().forEach(SimFile::losePower);
    }

    @Override
    public List<String> list() {
        return List.copyOf(names.keySet());
    }

    @Override
    public JournalFile create(String name, long sizeBytes) throws IOException {
        if (names.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        SimFile file = new SimFile((int) sizeBytes);
        names.put(name, file);
        return file;
    }

    @Override
    public JournalFile open(String name) throws IOException {
        return existing(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        names.put(to, existing(from));
        names.remove(from);
    }

    @Override
    public void delete(String name) throws IOException {
        existing(name);
        names.remove(name);
    }

    @Override
    public long usableBytes() {
        return Long.MAX_VALUE;
    }

    @Override
    public void fsyncDirectory() throws IOException {
        failSometimes();
        durableNames = new TreeMap<>(names);
    }

    private SimFile existing(String name) throws IOException {
        SimFile file = names.get(name);
        if (file == null) {
            throw new NoSuchFileException(name);
        }
        return file;
    }

    private void failSometimes() throws IOException {
        if (failForce > 0 && world.chance(failForce)) {
            throw new IOException("simulated: input/output error");
        }
    }

    private final class SimFile implements JournalFile {

        private byte[] seen;

        /** Pages that were written since they were last forced, with what the disk holds of them. */
        private final Map<Integer, byte[]> dirty = new TreeMap<>();

        /** Pages whose force failed: the cache holds them for clean. */
        private final Map<Integer, byte[]> ghosts = new TreeMap<>();

        SimFile(int sizeBytes) {
            seen = new byte[sizeBytes];
        }

        @Override
        public long sizeBytes() {
            return seen.length;
        }

        @Override
        public void write(ByteBuffer[] buffers, int count, long position) {
            long at = position;
            for (int i = 0; i < count; i++) {
                ByteBuffer buffer = buffers[i];
                int length = buffer.remaining();
                ensure((int) at + length);
                for (int page = (int) (at / PAGE); page * (long) PAGE < at + length; page++) {
                    remember(page);
                }
                buffer.get(seen, (int) at, length);
                at += length;
            }
        }

        private void remember(int page) {
            byte[] ghost = ghosts.remove(page);
            dirty.computeIfAbsent(page, any -> ghost != null ? ghost : copyOf(page));
        }

        private void ensure(int length) {
            if (length > seen.length) {
                seen = Arrays.copyOf(seen, length);
            }
        }

        private byte[] copyOf(int page) {
            return Arrays.copyOfRange(
                    seen, page * PAGE, Math.max(page * PAGE, Math.min((page + 1) * PAGE, seen.length)));
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int length = (int) Math.max(0, Math.min(target.remaining(), seen.length - position));
            target.put(seen, (int) position, length);
            return length;
        }

        @Override
        public void force() throws IOException {
            try {
                failSometimes();
            } catch (IOException failed) {
                dirty.forEach(ghosts::putIfAbsent);
                dirty.clear();
                throw failed;
            }
            dirty.clear();
        }

        void losePower() {
            dirty.forEach((page, onDisk) -> {
                if (world.chance(0.5)) {
                    revert(page, onDisk);
                }
            });
            ghosts.forEach(this::revert);
            dirty.clear();
            ghosts.clear();
        }

        private void revert(int page, byte[] onDisk) {
            Arrays.fill(seen, page * PAGE, Math.min((page + 1) * PAGE, seen.length), (byte) 0);
            System.arraycopy(onDisk, 0, seen, page * PAGE, onDisk.length);
        }

        @Override
        public void close() {}
    }
}
