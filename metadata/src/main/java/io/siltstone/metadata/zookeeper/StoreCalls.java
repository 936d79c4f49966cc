package io.siltstone.metadata.zookeeper;

import io.siltstone.metadata.MetadataException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.zookeeper.KeeperException;

/**
 * Runs the store's blocking calls on a few threads of its own and turns ZooKeeper's errors into {@link
 * MetadataException}s. Its queue is bounded: when it is full a call fails at once as unavailable.
 */
final class StoreCalls implements AutoCloseable {

    private static final int THREADS = 4;
    private static final int MAX_WAITING = 1_000;

    private final ThreadPoolExecutor threads;

    StoreCalls() {
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                daemonThreads("metadata-store"));
        threads.allowCoreThreadTimeOut(true);
    }

    <T> CompletableFuture<T> call(Callable<T> operation) {
        CompletableFuture<T> result = new CompletableFuture<>();
        try {
            threads.execute(() -> {
                try {
                    result.complete(operation.call());
                } catch (Exception failure) {
                    result.completeExceptionally(translate(failure));
                }
            });
        } catch (RejectedExecutionException full) {
            result.completeExceptionally(
                    new MetadataException.Unavailable("the metadata store is closed or overloaded", full));
        }
        return result;
    }

    CompletableFuture<Void> run(Operation operation) {
        return call(() -> {
            operation.run();
            return null;
        });
    }

    static RuntimeException translate(Exception failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new MetadataException.Unavailable("interrupted while waiting for ZooKeeper", failure);
        }
        if (failure instanceof KeeperException) {
            return new MetadataException.Unavailable("ZooKeeper: " + failure.getMessage(), failure);
        }
        return failure instanceof RuntimeException runtime
                ? runtime
                : new MetadataException.Unavailable("metadata store: " + failure, failure);
    }

    static ThreadFactory daemonThreads(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    /** A blocking call without a result. */
    interface Operation {
        void run() throws Exception;
    }
}
