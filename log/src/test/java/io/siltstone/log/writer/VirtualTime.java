package io.siltstone.log.writer;

import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/** Timers that run when a test says that time has passed; also carries the messages of the other fakes, in order. */
final class VirtualTime implements Timers {

    private record Due(long atMs, long order, Runnable action, AtomicBoolean cancelled) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(atMs, other.atMs);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private long nowMs = 1_000;
    private long order;

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
        AtomicBoolean cancelled = new AtomicBoolean();
        queue.add(new Due(nowMs + delayMs, order++, action, cancelled));
        return () -> cancelled.set(true);
    }

    void soon(Runnable action) {
        schedule(0, action);
    }

    void advance(long ms) {
        long until = nowMs + ms;
        for (Due due = queue.peek(); due != null && due.atMs() <= until; due = queue.peek()) {
            queue.remove();
            nowMs = Math.max(nowMs, due.atMs());
            if (!due.cancelled().get()) {
                due.action().run();
            }
        }
        nowMs = until;
    }
}
