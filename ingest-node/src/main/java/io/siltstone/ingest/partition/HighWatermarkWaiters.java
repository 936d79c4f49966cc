package io.siltstone.ingest.partition;

import java.util.ArrayList;
import java.util.List;

/**
 * Who waits for a partition to have more to read. Confined to the partition's event loop. Each waiter is called once;
 * those that are of no use any more go when the next one comes.
 */
public final class HighWatermarkWaiters {

    private List<Waiter> waiters = new ArrayList<>();

    /** A fetch that waits. */
    public interface Waiter {

        /** It was answered otherwise. */
        boolean isOver();

        /** There may be more to read, or the partition is gone. Called on the partition's event loop. */
        void wake();
    }

    void add(Waiter waiter) {
        waiters.removeIf(Waiter::isOver);
        waiters.add(waiter);
    }

    void wakeAll() {
        if (waiters.isEmpty()) {
            return;
        }
        List<Waiter> woken = waiters;
        waiters = new ArrayList<>();
        woken.forEach(Waiter::wake);
    }
}
