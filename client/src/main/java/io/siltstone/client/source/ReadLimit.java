package io.siltstone.client.source;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Lets so many calls be under way at once; the others wait in order. Thread-safe; its lock guards count and queue. */
final class ReadLimit {

    private final int most;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int underWay;

    ReadLimit(int most) {
        this.most = most;
    }

    <T> CompletableFuture<T> run(Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable start = () -> start(call, result);
        synchronized (this) {
            if (underWay >= most) {
                waiting.add(start);
                return result;
            }
            underWay++;
        }
        start.run();
        return result;
    }

    private <T> void start(Supplier<CompletableFuture<T>> call, CompletableFuture<T> result) {
        CompletableFuture<T> called;
        try {
            called = call.get();
        } catch (RuntimeException e) {
            called = CompletableFuture.failedFuture(e);
        }
        var unused = called.whenComplete((value, failure) -> {
            over();
            if (failure == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(HistoryException.unwrapped(failure));
            }
        });
    }

    private void over() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                underWay--;
            }
        }
        if (next != null) {
            next.run();
        }
    }
}
