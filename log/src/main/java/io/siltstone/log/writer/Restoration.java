package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.SegmentId;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the partition's state back from its segments: the latest complete snapshot of the newest segment that has one,
 * then every batch after it up to that segment's end. Confined to the partition's event loop.
 *
 * <p>Empty segments need no copies (rule 7), so the newest snapshot may be lost with one disk. But an empty segment's
 * snapshot tells the state that the segment before it ended with. So every copy is as good as another, of the newest
 * segment that holds a batch and of the empty ones after it; and where no segment ever held a batch, so is the state that
 * a partition begins with.
 */
final class Restoration {

    private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

    private static final int READ_BYTES = 1 << 20;
    private static final long RETRY_MS = 200;

    /**
     * One segment to restore from.
     *
     * @param lastEntry its proven last entry; -1 for none
     * @param empty whether it holds no batch
     * @param disks those that may hold it
     */
    record Source(SegmentId id, long lastEntry, boolean empty, List<DiskId> disks) {}

    interface Events {
        void restore(ByteBuf state);

        void replay(EntryHeader header, ByteBuf batches);

        /**
         * The state is complete.
         *
         * @param from the segment it was read from; null where there was none
         * @param timestamps of that segment
         */
        void restored(@Nullable SegmentId from, BatchTimestamps timestamps);
    }

    private record Copy(Source source, DiskId disk) {}

    private final List<Copy> copies = new ArrayList<>();
    private final boolean mayBegin;
    private final Replicas replicas;
    private final Timers timers;
    private final Events events;
    private final CompositeByteBuf snapshot = Unpooled.compositeBuffer(Integer.MAX_VALUE);
    private int at;
    private int attempt;
    private boolean restored;
    private long snapshotFrom;
    private boolean over;
    private BatchTimestamps timestamps = BatchTimestamps.NONE;

    /**
     * Reads nothing before {@link #start}.
     *
     * @param newestFirst the listed segments
     * @param complete whether these are all that the partition ever had with a batch: nothing was trimmed
     */
    Restoration(
            List<Source> newestFirst,
            boolean complete,
            Placement placement,
            Replicas replicas,
            Timers timers,
            Events events) {
        boolean batches = false;
        for (Source source : newestFirst) {
            if (!batches && source.lastEntry() >= 0) {
                source.disks().forEach(disk -> copies.add(new Copy(source, disk)));
            }
            batches |= !source.empty();
        }
        // A disk that is down costs a time-out before another is asked.
        copies.sort(Comparator.comparing(copy -> !placement.isLive(copy.disk())));
        this.mayBegin = complete && !batches;
        this.replicas = replicas;
        this.timers = timers;
        this.events = events;
    }

    void start() {
        if (copies.isEmpty()) {
            finish(null);
        } else {
            findSnapshot();
        }
    }

    void stop() {
        if (!over) {
            over = true;
            snapshot.release();
        }
    }

    private Source source() {
        return copies.get(at).source();
    }

    private DiskId disk() {
        return copies.get(at).disk();
    }

    private void findSnapshot() {
        replicas.stat(disk(), source().id(), answer -> {
            if (over) {
                return;
            }
            if (answer instanceof Answer.Ok<SegmentStanding> ok && ok.value().lastEntry() >= source().lastEntry()) {
                long entry = ok.value().snapshotEntry();
                snapshotFrom = entry < 0 || entry > source().lastEntry() ? 0 : entry;
                read(snapshotFrom);
            } else {
                tryNextCopy();
            }
        });
    }

    private void read(long from) {
        if (from > source().lastEntry()) {
            finishSegment();
            return;
        }
        replicas.read(disk(), source().id(), from, source().lastEntry(), READ_BYTES, answer -> {
            int taken = 0;
            if (answer instanceof Answer.Ok<List<Entry>> ok) {
                taken = ok.value().size();
                try {
                    if (!over) {
                        ok.value().forEach(entry -> take(entry.header(), entry.payload()));
                    }
                } finally {
                    ok.value().forEach(entry -> entry.payload().release());
                }
            }
            if (over) {
                return;
            }
            if (taken > 0) {
                read(from + taken);
            } else if (restored) {
                tryNextDisk(from);
            } else {
                tryNextCopy();
            }
        });
    }

    private void take(EntryHeader header, ByteBuf payload) {
        if (header.kind() == EntryKind.BATCHES) {
            timestamps = timestamps.and(BatchTimestamps.of(payload));
            events.replay(header, payload);
            return;
        }
        if (restored) {
            return;
        }
        snapshot.addComponent(true, payload.copy());
        if (header.chunk() == header.chunks() - 1) {
            timestamps = timestamps.and(Snapshots.readTimestamps(snapshot));
            events.restore(snapshot);
            restored = true;
        }
    }

    private void finishSegment() {
        if (restored) {
            finish(source().id());
        } else if (snapshotFrom > 0) {
            // Its last chunk lies behind the segment's end; an earlier one is complete.
            dropChunks();
            snapshotFrom = 0;
            read(0);
        } else if (source().empty()) {
            // It ends within its only snapshot, on every disk.
            Source cutOff = source();
            dropChunks();
            copies.removeIf(copy -> copy.source().equals(cutOff));
            at = 0;
            start();
        } else {
            tryNextCopy();
        }
    }

    private void finish(@Nullable SegmentId from) {
        stop();
        events.restored(from, timestamps);
    }

    private void dropChunks() {
        snapshot.clear().removeComponents(0, snapshot.numComponents());
    }

    /** Nothing was told of this copy's state: any other one will do. */
    private void tryNextCopy() {
        dropChunks();
        if (mayBegin && at == copies.size() - 1) {
            finish(null);
            return;
        }
        at = (at + 1) % copies.size();
        again(this::findSnapshot);
    }

    /** Half of the state is told: the rest must come from the same segment. */
    private void tryNextDisk(long from) {
        Source begun = source();
        do {
            at = (at + 1) % copies.size();
        } while (!source().equals(begun));
        again(() -> read(from));
    }

    private void again(Runnable action) {
        attempt++;
        if (attempt % 50 == 0) {
            LOG.warn("Segment {}: still waiting for a disk to read it from, {} tries so far", source().id(), attempt);
        }
        timers.schedule(RETRY_MS, () -> {
            if (!over) {
                action.run();
            }
        });
    }
}
