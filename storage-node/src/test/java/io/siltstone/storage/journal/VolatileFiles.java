package io.siltstone.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;

/** Files in memory whose crash loses any subset of the 4 KiB blocks that were not forced. Names are durable at once. */
public final class VolatileFiles implements JournalFiles {

    private static final int BLOCK = 4096;

    private final Map<String, Content> files = new ConcurrentSkipListMap<>();
    private final AtomicLong readBytes = new AtomicLong();
    private boolean failForce;
    private boolean failCreate;
    private long roomBytes = Long.MAX_VALUE;

    /** The next force fails, and what was written stays readable, as from a page cache. */
    public void failForce() {
        failForce = true;
    }

    /** Forces work again; what a failed one lost stays lost. */
    public void heal() {
        failForce = false;
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

    private void checkRoom(String what, long moreBytes) throws NoRoomException {
        if (usedBytes() + moreBytes > roomBytes) {
            throw new NoRoomException("no room for " + what, new IOException("No space left on device"));
        }
    }

    /** Power is lost. */
    public void crash(Random random) {
        failForce = false;
        files.values().forEach(file -> file.crash(random));
    }

    /** Changes a byte on the disk. */
    public void flip(String name, long position) {
        content(name).flip(position);
    }

    public void remove(String name) {
        files.remove(name);
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
        checkRoom(name, sizeBytes);
        if (files.containsKey(name)) {
            throw new FileAlreadyExistsException(name);
        }
        Content content = new Content((int) sizeBytes);
        files.put(name, content);
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
    public void rename(String from, String to) {
        files.put(to, content(from));
        files.remove(from);
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public void fsyncDirectory() {}

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
            if (failForce) {
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
