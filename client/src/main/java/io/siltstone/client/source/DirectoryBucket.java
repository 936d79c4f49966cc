package io.siltstone.client.source;

import io.siltstone.client.source.HistoryException.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A bucket that is a folder. A few threads of its own do the blocking calls. */
public final class DirectoryBucket implements Bucket {

    private static final int THREADS = 4;
    private static final int PAGE = 1_000;
    private static final Comparator<String> KEY_ORDER = (left, right) ->
            Arrays.compareUnsigned(left.getBytes(StandardCharsets.UTF_8), right.getBytes(StandardCharsets.UTF_8));

    private final Path root;
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS, task -> {
        Thread thread = new Thread(task, "siltstone-bucket-reader");
        thread.setDaemon(true);
        return thread;
    });

    public DirectoryBucket(Path root) {
        this.root = root.toAbsolutePath().normalize();
        if (!Files.isDirectory(this.root)) {
            throw new HistoryException(Kind.MISSING, "bucket folder " + this.root + " is not there", null);
        }
    }

    @Override
    public CompletableFuture<ByteBuffer> read(String key, long position, int length) {
        return submit(key, () -> {
            try (FileChannel channel = FileChannel.open(resolve(key), StandardOpenOption.READ)) {
                return read(channel, key, position, length);
            }
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> readAll(String key) {
        return submit(key, () -> ByteBuffer.wrap(Files.readAllBytes(resolve(key))));
    }

    @Override
    public CompletableFuture<List<String>> list(String prefix, @Nullable String after) {
        return submit(prefix, () -> {
            Path folder = resolve(prefix.substring(0, prefix.lastIndexOf('/') + 1));
            PriorityQueue<String> least = new PriorityQueue<>(KEY_ORDER.reversed());
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(Files::isRegularFile).map(this::keyOf).forEach(key -> {
                    if (isVisible(key)
                            && key.startsWith(prefix)
                            && (after == null || KEY_ORDER.compare(key, after) > 0)) {
                        least.add(key);
                        if (least.size() > PAGE) {
                            least.remove();
                        }
                    }
                });
            } catch (NoSuchFileException e) {
                return List.of();
            }
            List<String> page = new ArrayList<>(least);
            page.sort(KEY_ORDER);
            return page;
        });
    }

    @Override
    public CompletableFuture<List<String>> folders(String prefix) {
        return submit(prefix, () -> {
            try (Stream<Path> children = Files.list(resolve(prefix))) {
                return children.filter(Files::isDirectory)
                        .map(child -> prefix + child.getFileName() + "/")
                        .filter(DirectoryBucket::isVisible)
                        .sorted(KEY_ORDER)
                        .toList();
            } catch (NoSuchFileException | NotDirectoryException e) {
                return List.of();
            }
        });
    }

    @Override
    public void close() {
        threads.shutdown();
    }

    private static ByteBuffer read(FileChannel channel, String key, long position, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new HistoryException(
                        Kind.MISSING,
                        "object " + key + " ends at byte " + channel.size() + ", before " + (position + length),
                        null);
            }
        }
        return bytes.flip();
    }

    /** Names that start with a dot are the store's own, uploads on their way for one. */
    private static boolean isVisible(String key) {
        return !key.startsWith(".") && !key.contains("/.");
    }

    private String keyOf(Path file) {
        return root.relativize(file).toString();
    }

    private Path resolve(String key) {
        Path path = root.resolve(key).normalize();
        if (!path.startsWith(root)) {
            throw new HistoryException(Kind.REFUSED, "key " + key + " leads out of " + root, null);
        }
        return path;
    }

    private <T> CompletableFuture<T> submit(String key, Callable<T> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            threads.execute(() -> run(key, call, result));
        } catch (RejectedExecutionException e) {
            result.completeExceptionally(new HistoryException(Kind.UNAVAILABLE, "bucket " + root + " is closed", e));
        }
        return result;
    }

    private static <T> void run(String key, Callable<T> call, CompletableFuture<T> result) {
        try {
            result.complete(call.call());
        } catch (NoSuchFileException e) {
            result.completeExceptionally(new HistoryException(Kind.MISSING, "there is no object " + key, e));
        } catch (HistoryException e) {
            result.completeExceptionally(e);
        } catch (Exception e) {
            result.completeExceptionally(
                    new HistoryException(Kind.UNAVAILABLE, "object " + key + " cannot be read: " + e, e));
        }
    }
}
