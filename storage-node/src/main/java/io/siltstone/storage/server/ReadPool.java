package io.siltstone.storage.server;

import io.netty.buffer.ByteBufAllocator;
import io.siltstone.storage.replica.EntryReader;
import io.siltstone.storage.replica.EntryReads;
import io.siltstone.storage.replica.ReadPlan;
import io.siltstone.storage.replica.ReadResult;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A few threads that read the journal; what waits is bounded, and more is told busy. */
final class ReadPool implements EntryReads {

    private final EntryReader reader;
    private final ThreadPoolExecutor threads;
    private final Executor loop;

    ReadPool(String name, int size, int maxWaiting, ByteBufAllocator buffers, Executor loop) {
        this.reader = new EntryReader(buffers);
        this.loop = loop;
        AtomicInteger number = new AtomicInteger();
        threads =
                new ThreadPoolExecutor(size, size, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(maxWaiting), task -> {
                    Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
    }

    @Override
    public void read(ReadPlan plan, Consumer<ReadResult> done) {
        try {
            threads.execute(() -> {
                ReadResult result = new ReadResult.Damaged("the read of segment " + plan.segment() + " broke off");
                try {
                    result = reader.read(plan);
                } finally {
                    ReadResult told = result;
                    loop.execute(() -> done.accept(told));
                }
            });
        } catch (RejectedExecutionException full) {
            done.accept(new ReadResult.Busy());
        }
    }

    int waiting() {
        return threads.getQueue().size();
    }

    void stop() throws InterruptedException {
        threads.shutdown();
        threads.awaitTermination(5, TimeUnit.SECONDS);
    }
}
