package io.siltstone.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Files in memory whose crash loses any subset of the 4 KiB blocks that were not forced, and any of the last changes of
 * names that were not.
 */
public final class VolatileFiles implements JournalFiles {

    private static final int BLOCK = 4096;

    private final Map<String, Content> files = new ConcurrentSkipListMap<>();

    /** What names there were: the durable ones, then after each change of them that is not. */
    private final List<Map<String, Content>> names = new ArrayList<>(List.of(Map.of()));

    private final AtomicLong readBytes = new AtomicLong();
    private long forcesLeft = Long.MAX_VALUE;
    private boolean failCreate;
    private long roomBytes = Long.MAX_VALUE;
    private long changesLeft = Long.MAX_VALUE;

    /** The next force fails, and what was written stays readable, as from a page cache. */
    public void failForce() {
        failForceAfter(0);
    }

    /** So many forces of files work yet, then they fail. */
    public void failForceAfter(long forces) {
        forcesLeft = forces;
    }

    /** Forces work again; what a failed one lost stays lost. */
    public void heal() {
        forcesLeft = Long.MAX_VALUE;
    }

    public void failCreate(boolean fail) {
        failCreate = fail;
    }

    /** The file system holds this many bytes at most from now on. */
    public void limit(long bytes) {
        roomBytes = bytes;
    }

    /** Bytes that were ever read. */
    public long readBytes() {
        return readBytes.get();
    }

    public long usedBytes() {
        return files.values().stream().mapToLong(Content::sizeBytes).sum();
    }

    /** Whoever uses the files is killed after so many changes of them; a restart or a crash follows. */
    public void killAfter(long changes) {
        changesLeft = changes;
    }

    /** Another process uses the files, which are as they were left. */
    public void restart() {
        changesLeft = Long.MAX_VALUE;
    }

    private void change() throws IOException {
        if (changesLeft == 0) {
            throw new IOException("killed");
        }
        changesLeft--;
    }

    private synchronized void named() {
        names.add(Map.copyOf(files));
    }

    private void checkRoom(String what, long moreBytes) throws NoRoomException {
        if (usedBytes() + moreBytes > roomBytes) {
            throw new NoRoomException("no room for " + what, new IOException("No space left on device"));
        }
    }

    /** Power is lost. */
    public synchronized void crash(Random random) {
        heal();
        restart();
        Map<String, Content> left = names.get(random.nextInt(names.size()));
        files.keySet().retainAll(left.keySet());
        files.putAll(left);
        names.clear();
        named();
        files.values().forEach(file -> file.crash(random));
    }

    /** Changes a byte on the disk. */
    public void flip(String name, long position) {
        content(name).flip(position);
    }

    /** Takes a file off the disk. */
    public void remove(String name) {
        files.remove(name);
        fsyncNames();
    }

    private synchronized void fsyncNames() {
        names.clear();
        named();
    }

    private Content content(String name) {
        Content content = files.get(name);
        if (content == null) {
            throw new IllegalArgumentException("no file " + name);
        }
        return content;
    }

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public JournalFile create(String name, long sizeBytes) throws IOException {
        if (failCreate) {
            throw new NoRoomException("no room for " + name, new IOException("No space left on device"));
        }
        change();
        checkRoom(name, sizeBytes);
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        Content content = new Content((int) sizeBytes);
        files.put(name, content);
        named();
        return content;
    }

    @Override
    public JournalFile open(String name) throws IOException {
        Content content = files.get(name);
        if (content == null) {
            throw new NoSuchFileException(name);
        }
        return content;
    }

    @Override
    public void rename(String from, String to) throws IOException {
        change();
        files.put(to, content(from));
        files.remove(from);
        named();
    }

    @Override
    public void delete(String name) throws IOException {
        change();
        files.remove(name);
        named();
    }

    @Override
    public long usableBytes() {
        return Math.max(0, roomBytes - usedBytes());
    }

    @Override
    public void fsyncDirectory() throws IOException {
        change();
        fsyncNames();
    }

    /** One file: what the page cache shows, and what of it is on the disk. */
    private final class Content implements JournalFile {
        private byte[] cached;
        private byte[] durable;
        private final TreeSet<Integer> dirty = new TreeSet<>();

        Content(int size) {
            cached = new byte[size];
            durable = new byte[size];
        }

        void crash(Random random) {
            for (int block : dirty) {
                if (random.nextBoolean()) {
                    sync(block);
                }
            }
            dirty.clear();
            cached = durable.clone();
        }

        void flip(long position) {
            cached[(int) position] ^= 1;
            durable[(int) position] ^= 1;
        }

        private void sync(int block) {
            int at = block * BLOCK;
            int end = Math.min(at + BLOCK, cached.length);
            if (durable.length < end) {
                durable = Arrays.copyOf(durable, end);
            }
            System.arraycopy(cached, at, durable, at, end - at);
        }

        @Override
        public long sizeBytes() {
            return cached.length;
        }

        @Override
        public void write(ByteBuffer[] buffers, int count, long position) throws IOException {
            change();
            int at = (int) position;
            for (int i = 0; i < count; i++) {
                int length = buffers[i].remaining();
                if (at + length > cached.length) {
                    checkRoom("a longer file", at + length - cached.length);
                    cached = Arrays.copyOf(cached, at + length);
                }
                buffers[i].get(cached, at, length);
                for (int block = at / BLOCK; length > 0 && block <= (at + length - 1) / BLOCK; block++) {
                    dirty.add(block);
                }
                at += length;
            }
        }

        @Override
        public int read(ByteBuffer target, long position) {
            int length = (int) Math.max(0, Math.min(target.remaining(), cached.length - position));
            target.put(cached, (int) position, length);
            readBytes.addAndGet(length);
            return length;
        }

        @Override
        public void force() throws IOException {
            change();
            if (forcesLeft-- <= 0) {
                forcesLeft = 0;
                dirty.clear();
                throw new IOException("Input/output error");
            }
            dirty.forEach(this::sync);
            if (durable.length < cached.length) {
                durable = Arrays.copyOf(durable, cached.length);
            }
            dirty.clear();
        }

        @Override
        public void close() {}
    }
}
