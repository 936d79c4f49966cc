package io.siltstone.storage.journal;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What waits for the journal. The core's thread adds, the journal's takes. It is bounded by the limits on requests in
 * flight, which the server keeps, not here.
 */
public final class JournalQueue {

    private final Queue<JournalItem> items = new ConcurrentLinkedQueue<>();
    private final AtomicLong bytes = new AtomicLong();

    public void add(JournalItem item) {
        bytes.addAndGet(item.recordBytes());
        items.add(item);
    }

    public boolean isEmpty() {
        return items.isEmpty();
    }

    /** Bytes of records that wait. */
    public long bytes() {
        return bytes.get();
    }

    /**
     * Everything that waits, up to about so many bytes, at least one item.
     *
     * @return null where nothing waits
     */
    public @Nullable JournalGroup take(long maxBytes) {
        JournalItem item = items.poll();
        if (item == null) {
            return null;
        }
        JournalGroup group = new JournalGroup();
        while (item != null) {
            group.add(item);
            item = group.recordBytes() < maxBytes ? items.poll() : null;
        }
        bytes.addAndGet(-group.recordBytes());
        group.arrange();
        return group;
    }
}
