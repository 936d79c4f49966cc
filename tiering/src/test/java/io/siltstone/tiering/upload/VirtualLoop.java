package io.siltstone.tiering.upload;

import io.siltstone.log.writer.Timers;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;

/** One thread's event loop in virtual time: executor, timers and clock of a test. */
final class VirtualLoop implements Executor, Timers {

    private static final int MAX_STEPS = 1_000_000;

    private static final class Task implements Timer {
        private final long atMs;
        private final long order;
        private final Runnable action;
        private boolean cancelled;

        Task(long atMs, long order, Runnable action) {
            this.atMs = atMs;
            this.order = order;
            this.action = action;
        }

        @Override
        public void cancel() {
            cancelled = true;
        }
    }

    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.<Task>comparingLong(task -> task.atMs).thenComparingLong(task -> task.order));
    private long nowMs = 1_000;
    private long order;

    @Override
    public void execute(Runnable action) {
        tasks.add(new Task(nowMs, order++, action));
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public long wallClockMs() {
        return 1_700_000_000_000L + nowMs;
    }

    @Override
    public Timer schedule(long delayMs, Runnable action) {
        Task task = new Task(nowMs + delayMs, order++, action);
        tasks.add(task);
        return task;
    }

    /** Runs until the condition holds; false where nothing is left to run before that. */
    boolean runUntil(BooleanSupplier condition) {
        for (int step = 0; step < MAX_STEPS; step++) {
            if (condition.getAsBoolean()) {
                return true;
            }
            Task task = tasks.poll();
            if (task == null) {
                return false;
            }
            if (!task.cancelled) {
                nowMs = Math.max(nowMs, task.atMs);
                task.action.run();
            }
        }
        throw new AssertionError("no end after " + MAX_STEPS + " steps, at " + nowMs + " ms");
    }

    /** The process is gone, with all that it would have done. */
    void crash() {
        tasks.clear();
    }
}
