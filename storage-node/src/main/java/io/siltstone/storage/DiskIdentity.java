package io.siltstone.storage;

import io.siltstone.log.DiskId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A disk's folder, locked by this process, and the cookie in it that says which disk of which cluster it is.
 *
 * <p>The identity is minted for an empty folder only, and fsynced before anyone hears of it (rule 1). A folder with
 * journal files and no cookie has lost something; it is refused.
 */
final class DiskIdentity implements AutoCloseable {

    private static final String COOKIE = "disk.identity";
    private static final String FORMAT = "siltstone-disk 1";

    private final Path folder;
    private final FileChannel lockFile;

    private DiskIdentity(Path folder, FileChannel lockFile) {
        this.folder = folder;
        this.lockFile = lockFile;
    }

    /** Which disk of which cluster. */
    record Cookie(DiskId disk, String clusterId) {}

    /** Makes the folder where it is not there, and locks it. */
    static DiskIdentity lock(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel lockFile =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = lockFile.tryLock();
            if (lock != null) {
                return new DiskIdentity(folder, lockFile);
            }
        } catch (OverlappingFileLockException sameProcess) {
            lockFile.close();
            throw new IOException(folder + " is served by this process already", sameProcess);
        }
        lockFile.close();
        throw new IOException(folder + " is served by another process");
    }

    Path journalFolder() {
        return folder.resolve("journal");
    }

    Optional<Cookie> read() throws IOException {
        Path file = folder.resolve(COOKIE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        if (lines.size() != 3 || !lines.get(0).equals(FORMAT)) {
            throw new IOException(file + " is no identity that this program knows: " + lines);
        }
        return Optional.of(new Cookie(DiskId.parse(lines.get(1)), lines.get(2)));
    }

    /** Gives an empty folder an identity. */
    Cookie mint(String clusterId) throws IOException {
        if (Files.isDirectory(journalFolder())) {
            try (Stream<Path> files = Files.list(journalFolder())) {
                if (files.findAny().isPresent()) {
                    throw new IOException(folder + " holds a journal but no identity: it may have lost data. Restore "
                            + COOKIE + ", or empty the folder and let the cluster copy what it held");
                }
            }
        }
        Cookie cookie = new Cookie(new DiskId(UUID.randomUUID()), clusterId);
        String text = FORMAT + "\n" + cookie.disk() + "\n" + clusterId + "\n";
        Path temporary = folder.resolve(COOKIE + ".tmp");
        try (FileChannel channel = FileChannel.open(
                temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, folder.resolve(COOKIE), StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
            directory.force(true);
        }
        return cookie;
    }

    /** Another process may serve the folder. */
    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
