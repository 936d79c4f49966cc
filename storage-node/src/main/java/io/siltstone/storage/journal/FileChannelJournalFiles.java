package io.siltstone.storage.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/** A folder of the file system. */
public final class FileChannelJournalFiles implements JournalFiles {

    private static final int ZEROS_BYTES = 1 << 20;

    private final Path folder;

    public FileChannelJournalFiles(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> String.valueOf(path.getFileName()))
                    .toList();
        }
    }

    @Override
    public JournalFile create(String name, long sizeBytes) throws IOException {
        long usableBytes = usableBytes();
        if (usableBytes < sizeBytes) {
            throw new NoRoomException(
                    "no room for " + name + " of " + sizeBytes + " bytes: " + usableBytes + " are free", null);
        }
        FileChannel channel = createNew(name);
        try {
            ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(ZEROS_BYTES, sizeBytes));
            for (long at = 0; at < sizeBytes; ) {
                zeros.clear().limit((int) Math.min(zeros.capacity(), sizeBytes - at));
                at += channel.write(zeros, at);
            }
        } catch (IOException noRoom) {
            channel.close();
            Files.deleteIfExists(folder.resolve(name));
            throw new NoRoomException("no room for " + name + " of " + sizeBytes + " bytes", noRoom);
        }
        channel.force(true);
        return new ChannelFile(channel);
    }

    @Override
    public long usableBytes() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    private FileChannel createNew(String name) throws IOException {
        try {
            return FileChannel.open(
                    folder.resolve(name),
                    StandardOpenOption.CREATE_NEW,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
        } catch (FileAlreadyExistsException taken) {
            throw taken;
        } catch (IOException noRoom) {
            throw new NoRoomException("no room for another file, " + name, noRoom);
        }
    }

    @Override
    public JournalFile open(String name) throws IOException {
        return new ChannelFile(
                FileChannel.open(folder.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        try {
            Files.move(folder.resolve(from), folder.resolve(to), StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException absent) {
            throw absent;
        } catch (IOException noRoom) {
            throw new NoRoomException("no room for the name " + to, noRoom);
        }
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(folder.resolve(name));
    }

    @Override
    public void fsyncDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** Writes move the channel's own position, which reads do not use. */
    private static final class ChannelFile implements JournalFile {

        private final FileChannel channel;
        private long sizeBytes;

        ChannelFile(FileChannel channel) throws IOException {
            this.channel = channel;
            this.sizeBytes = channel.size();
        }

        @Override
        public long sizeBytes() throws IOException {
            return channel.size();
        }

        @Override
        public void write(ByteBuffer[] buffers, int count, long position) throws IOException {
            long end = position;
            for (int i = 0; i < count; i++) {
                end += buffers[i].remaining();
            }
            try {
                writeAll(buffers, count, position);
            } catch (IOException failed) {
                if (end > sizeBytes) {
                    throw new NoRoomException("no room to grow from " + sizeBytes + " to " + end + " bytes", failed);
                }
                throw failed;
            }
            sizeBytes = Math.max(sizeBytes, end);
        }

        private void writeAll(ByteBuffer[] buffers, int count, long position) throws IOException {
            channel.position(position);
            int first = 0;
            while (first < count) {
                channel.write(buffers, first, count - first);
                while (first < count && !buffers[first].hasRemaining()) {
                    first++;
                }
            }
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int total = 0;
            while (target.hasRemaining()) {
                int read = channel.read(target, position + total);
                if (read < 0) {
                    break;
                }
                total += read;
            }
            return total;
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
