package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import io.siltstone.tiering.store.ObjectStoreException.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A bucket in a folder, which nodes may share. Its few threads do the blocking calls; when more than
 * {@value #MAX_WAITING} wait, the next fails as unavailable.
 *
 * <p>An object becomes visible whole or not at all: it is written to a temporary file and fsynced, then hard-linked to
 * its key, which fails if the key is taken, then every folder above it is fsynced.
 */
public final class DirectoryObjectStore implements ObjectStore {

    private static final Logger log = LoggerFactory.getLogger(DirectoryObjectStore.class);

    private static final int THREADS = 4;
    private static final int MAX_WAITING = 10_000;
    private static final int LINK_ATTEMPTS = 10;
    private static final String TEMPORARY = ".uploads";
    private static final Duration TEMPORARY_LIFE = Duration.ofDays(1);

    private final Path root;
    private final Path temporary;
    private final ThreadPoolExecutor threads;

    /** Opens the folder, which is made where it is missing, and removes what uploads left there a day ago. */
    public DirectoryObjectStore(Path root) {
        this.root = root.toAbsolutePath().normalize();
        this.temporary = this.root.resolve(TEMPORARY);
        try {
            Files.createDirectories(temporary);
            removeAbandoned();
        } catch (IOException e) {
            throw new UncheckedIOException("bucket folder " + root + " cannot be made", e);
        }
        AtomicInteger count = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_WAITING), task -> {
                    Thread thread = new Thread(task, "siltstone-bucket-" + count.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public CompletableFuture<ByteBuf> read(String key, long offset, int length) {
        return submit(key, () -> {
            try (FileChannel channel = FileChannel.open(resolve(key), StandardOpenOption.READ)) {
                return read(channel, key, offset, length);
            }
        });
    }

    @Override
    public CompletableFuture<ByteBuf> readWhole(String key, int maxBytes) {
        return submit(key, () -> {
            try (FileChannel channel = FileChannel.open(resolve(key), StandardOpenOption.READ)) {
                if (channel.size() > maxBytes) {
                    throw new ObjectStoreException(
                            Kind.REFUSED, key, "has " + channel.size() + " bytes, expected at most " + maxBytes, null);
                }
                return read(channel, key, 0, (int) channel.size());
            }
        });
    }

    @Override
    public CompletableFuture<Optional<ObjectInfo>> stat(String key) {
        return submit(key, () -> {
            try {
                BasicFileAttributes file = Files.readAttributes(resolve(key), BasicFileAttributes.class);
                return file.isRegularFile()
                        ? Optional.of(new ObjectInfo(
                                key, file.size(), file.lastModifiedTime().toMillis()))
                        : Optional.empty();
            } catch (NoSuchFileException e) {
                return Optional.empty();
            }
        });
    }

    @Override
    public CompletableFuture<PutResult> putIfAbsent(String key, ByteBuf bytes) {
        return submit(key, () -> {
            Path target = resolve(key);
            Path file = temporaryFile();
            try {
                try (FileChannel channel =
                        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                    writeAll(channel, bytes.duplicate());
                    channel.force(true);
                }
                return publish(file, target);
            } finally {
                Files.deleteIfExists(file);
            }
        });
    }

    @Override
    public Upload upload(String key) {
        return new DirectoryUpload(ObjectKeys.checked(key));
    }

    @Override
    public long uploadMemoryBytes() {
        return 0;
    }

    @Override
    public CompletableFuture<Page> list(String prefix, @Nullable String after, int limit) {
        return submit(prefix, () -> {
            DirectoryListing listing = new DirectoryListing(prefix, after, limit);
            listing.walk(root, "");
            return listing.page();
        });
    }

    @Override
    public CompletableFuture<List<String>> folders(String prefix) {
        return submit(prefix, () -> {
            Path folder = prefix.isEmpty() ? root : resolve(prefix.substring(0, prefix.length() - 1));
            try (Stream<Path> children = Files.list(folder)) {
                return children.filter(child -> Files.isDirectory(child) && !child.equals(temporary))
                        .map(child -> prefix + child.getFileName() + "/")
                        .sorted(ObjectKeys.ORDER)
                        .toList();
            } catch (NoSuchFileException | NotDirectoryException e) {
                return List.of();
            }
        });
    }

    @Override
    public CompletableFuture<Void> delete(String key) {
        return submit(key, () -> {
            Path target = resolve(key);
            if (Files.deleteIfExists(target)) {
                removeEmptyFolders(target);
            }
            return null;
        });
    }

    @Override
    public Optional<UrlSigner> signer() {
        return Optional.empty();
    }

    @Override
    public boolean isLocal() {
        return true;
    }

    @Override
    public String describe() {
        return root.toUri().toString();
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    private Path resolve(String key) {
        Path target = root.resolve(ObjectKeys.checked(key)).normalize();
        if (!target.startsWith(root) || target.equals(root)) {
            throw new ObjectStoreException(Kind.REFUSED, key, "the key leads out of " + root, null);
        }
        return target;
    }

    private Path temporaryFile() {
        return temporary.resolve(UUID.randomUUID().toString());
    }

    /** Gives the fsynced file its name, if that is free. */
    private PutResult publish(Path file, Path target) throws IOException {
        for (int attempt = 0; ; attempt++) {
            Files.createDirectories(Objects.requireNonNull(target.getParent()));
            try {
                Files.createLink(target, file);
                break;
            } catch (FileAlreadyExistsException e) {
                if (Files.isDirectory(target) || Files.mismatch(file, target) >= 0) {
                    return new PutResult.AlreadyThere();
                }
                break; // our own bytes: an earlier attempt, whose folders may not be fsynced yet
            } catch (NoSuchFileException e) {
                if (attempt == LINK_ATTEMPTS) { // the folder was emptied and removed every time
                    throw e;
                }
            }
        }
        try {
            for (Path folder : foldersAbove(target)) {
                fsync(folder);
            }
            fsync(root);
        } catch (IOException e) {
            return new PutResult.Unknown("fsync of a folder above " + target + ": " + e);
        }
        return new PutResult.Created(false);
    }

    private void removeEmptyFolders(Path target) throws IOException {
        for (Path folder : foldersAbove(target)) {
            try {
                fsync(folder);
                Files.delete(folder);
            } catch (DirectoryNotEmptyException | NoSuchFileException e) {
                return;
            }
        }
    }

    /** The folders between a file and the bucket's own, nearest first. */
    private List<Path> foldersAbove(Path target) {
        List<Path> folders = new ArrayList<>();
        Path folder = target.getParent();
        while (folder != null && !folder.equals(root)) {
            folders.add(folder);
            folder = folder.getParent();
        }
        return folders;
    }

    private void removeAbandoned() throws IOException {
        Instant limit = Instant.now().minus(TEMPORARY_LIFE);
        try (Stream<Path> files = Files.list(temporary)) {
            for (Path file : files.toList()) {
                try {
                    if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                        Files.deleteIfExists(file);
                    }
                } catch (NoSuchFileException e) {
                    log.debug("another node removed {}", file);
                }
            }
        }
    }

    private static void fsync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuf bytes) throws IOException {
        while (bytes.isReadable()) {
            bytes.readBytes(channel, bytes.readableBytes());
        }
    }

    private static ByteBuf read(FileChannel channel, String key, long offset, int length) throws IOException {
        ByteBuf bytes = ObjectBuffers.allocate(length);
        try {
            while (bytes.writableBytes() > 0) {
                if (bytes.writeBytes(channel, offset + bytes.writerIndex(), bytes.writableBytes()) < 0) {
                    throw new ObjectStoreException(
                            Kind.TRUNCATED,
                            key,
                            "ends at byte " + channel.size() + ", before " + (offset + length),
                            null);
                }
            }
            return bytes.retain();
        } finally {
            bytes.release();
        }
    }

    private <T> CompletableFuture<T> submit(String key, Callable<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            threads.execute(() -> run(key, call, result));
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(
                    new ObjectStoreException(Kind.UNAVAILABLE, key, "closed, or too many calls wait", e));
        }
        return result;
    }

    private static <T> void run(String key, Callable<T> call, CompletableFuture<T> result) {
        try {
            result.complete(call.call());
        } catch (NoSuchFileException e) {
            result.completeExceptionally(new ObjectStoreException(Kind.MISSING, key, "no such object", e));
        } catch (Exception e) {
            result.completeExceptionally(ObjectStoreException.from(e, key));
        }
    }

    /** Writes to a temporary file as the bytes come. */
    private final class DirectoryUpload implements Upload {
        private final String key;
        private final Path file = temporaryFile();
        private @Nullable FileChannel channel;

        DirectoryUpload(String key) {
            this.key = key;
        }

        @Override
        public CompletableFuture<Void> write(ByteBuf bytes) {
            CompletableFuture<Void> written = submit(key, () -> {
                writeAll(open(), bytes);
                return null;
            });
            return written.whenComplete((done, failure) -> bytes.release());
        }

        @Override
        public CompletableFuture<PutResult> complete(byte[] sha256) {
            return submit(key, () -> {
                try {
                    open().force(true);
                    return publish(file, resolve(key));
                } finally {
                    discard();
                }
            });
        }

        @Override
        public void abort() {
            var unused = submit(key, () -> {
                discard();
                return null;
            });
        }

        private synchronized FileChannel open() throws IOException {
            FileChannel open = channel;
            if (open == null) {
                open = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                channel = open;
            }
            return open;
        }

        private synchronized void discard() throws IOException {
            if (channel != null) {
                channel.close();
                channel = null;
                Files.deleteIfExists(file);
            }
        }
    }
}
