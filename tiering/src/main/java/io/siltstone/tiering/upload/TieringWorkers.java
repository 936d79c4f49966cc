package io.siltstone.tiering.upload;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * The few low-priority threads on which all partitions of a node make their objects, and so the bound on the memory that
 * tiering takes: an upload needs a slot, a slot stands for one upload's bytes. Who finds none free waits in line, at
 * most once per partition; the next free slot goes to whom the most copies are missing then (rule 10), among equals to
 * who came first. Thread-safe; its lock guards the free slots and the line.
 */
public final class TieringWorkers implements AutoCloseable {

    private final List<ExecutorService> threads;
    private final Queue<Slot> free = new ArrayDeque<>();
    private final List<Waiter> line = new ArrayList<>();

    private record Waiter(IntSupplier missingCopies, Consumer<Slot> granted) {}

    private TieringWorkers(List<? extends Executor> executors, List<ExecutorService> threads) {
        this.threads = threads;
        executors.forEach(executor -> free.add(new Slot(executor)));
    }

    /**
     * Starts the threads.
     *
     * @param most how many uploads may run at once
     * @param maxBytes bound on the memory of all uploads
     * @param bytesPerUpload what one takes: the store's share and what is read ahead
     * @throws IllegalArgumentException where not even one upload fits
     */
    public static TieringWorkers start(int most, long maxBytes, long bytesPerUpload) {
        int slots = (int) Math.min(most, maxBytes / bytesPerUpload);
        if (slots < 1) {
            throw new IllegalArgumentException(
                    "tiering memory of " + maxBytes + " bytes is too small: one upload takes " + bytesPerUpload
                            + "; raise it, or lower s3.single.put.max.bytes");
        }
        List<ExecutorService> threads = new ArrayList<>();
        for (int i = 0; i < slots; i++) {
            threads.add(thread("siltstone-tiering-" + (i + 1)));
        }
        return new TieringWorkers(threads, threads);
    }

    /** Slots whose work runs on the caller's executors: for the simulation. */
    public static TieringWorkers on(List<? extends Executor> executors) {
        return new TieringWorkers(executors, List.of());
    }

    /**
     * Grants a slot now or later, on the calling thread or that of whoever releases one.
     *
     * @param missingCopies how many copies what a slot would upload is short of; asked on any thread, whenever one is
     *     released
     */
    void acquire(IntSupplier missingCopies, Consumer<Slot> granted) {
        Slot slot;
        synchronized (this) {
            slot = free.poll();
            if (slot == null) {
                line.add(new Waiter(missingCopies, granted));
                return;
            }
        }
        granted.accept(slot);
    }

    @Override
    public void close() {
        threads.forEach(ExecutorService::shutdownNow);
    }

    private void release(Slot slot) {
        Waiter next;
        synchronized (this) {
            if (line.isEmpty()) {
                free.add(slot);
                return;
            }
            next = line.remove(mostUrgent());
        }
        next.granted().accept(slot);
    }

    private int mostUrgent() {
        int chosen = 0;
        int most = -1;
        for (int i = 0; i < line.size(); i++) {
            int missing = line.get(i).missingCopies().getAsInt();
            if (missing > most) {
                most = missing;
                chosen = i;
            }
        }
        return chosen;
    }

    @SuppressWarnings("ThreadPriorityCheck") // nothing relies on it; where the JVM honours it, producers come first
    private static ExecutorService thread(String name) {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    thread.setPriority(Thread.MIN_PRIORITY);
                    return thread;
                });
        executor.setRejectedExecutionHandler((task, closed) -> {});
        return executor;
    }

    /** The right to make one object. */
    final class Slot {
        private final Executor executor;

        private Slot(Executor executor) {
            this.executor = executor;
        }

        Executor executor() {
            return executor;
        }

        /** Once. */
        void release() {
            TieringWorkers.this.release(this);
        }
    }
}
