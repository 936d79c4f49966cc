package io.siltstone.storage.server;

import io.siltstone.storage.journal.JournalGroup;
import io.siltstone.storage.replica.ReplicaEngine;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Takes all that waits for the journal, writes it, forces it, tells the core's loop; parks where nothing waits. After a
 * failure it ends for good.
 */
final class JournalThread implements Runnable {

    private final ReplicaEngine engine;
    private final Executor loop;
    private final LongConsumer forceNanos;
    private final Consumer<Throwable> fatal;
    private final Thread thread;
    private volatile boolean parked;
    private volatile boolean stopping;

    /**
     * Names it; {@link #start} starts it.
     *
     * @param forceNanos hears how long each force took, on this thread
     * @param fatal hears of a failure, on this thread: the node must stop
     */
    JournalThread(
            String name, ReplicaEngine engine, Executor loop, LongConsumer forceNanos, Consumer<Throwable> fatal) {
        this.engine = engine;
        this.loop = loop;
        this.forceNanos = forceNanos;
        this.fatal = fatal;
        thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Something waits. Costs a volatile read while the thread is at work. */
    void wake() {
        if (parked) {
            LockSupport.unpark(thread);
        }
    }

    @Override
    public void run() {
        try {
            JournalGroup group = engine.nextGroup();
            while (group != null || !stopping) {
                if (group == null) {
                    park();
                } else {
                    write(group);
                }
                group = engine.nextGroup();
            }
        } catch (IOException | RuntimeException | Error failure) {
            fatal.accept(failure);
        }
    }

    private void write(JournalGroup group) throws IOException {
        if (!group.isEmpty()) {
            engine.write(group);
            long start = System.nanoTime();
            engine.force();
            forceNanos.accept(System.nanoTime() - start);
        }
        loop.execute(() -> durable(group));
    }

    /** What the core could not take in is half indexed: nothing may be answered after that. */
    private void durable(JournalGroup group) {
        try {
            engine.durable(group);
        } catch (RuntimeException | Error failure) {
            fatal.accept(failure);
        }
    }

    private void park() {
        parked = true;
        if (!engine.hasWork() && !stopping) {
            LockSupport.park(this);
        }
        parked = false;
    }

    /** Ends it when nothing waits any more; tells whether that was so in time. */
    boolean stop(long timeoutMs) throws InterruptedException {
        stopping = true;
        LockSupport.unpark(thread);
        thread.join(timeoutMs);
        return !thread.isAlive();
    }
}
