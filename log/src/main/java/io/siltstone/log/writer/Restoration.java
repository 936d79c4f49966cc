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
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the partition's state back from its segments: the latest complete snapshot of the newest segment that has one,
 * then every batch after it up to that segment's end. Confined to the partition's event loop.
 *
 * <p>A segment without a complete snapshot holds no batch either, since the snapshot comes first; so the segment before
 * it tells the same state.
 */
final class Restoration {

    private static final Logger LOG = LoggerFactory.getLogger(Restoration.class);

    private static final int READ_BYTES = 1 << 20;
    private static final long RETRY_MS = 200;

    /** One segment to restore from: its proven last entry and the disks that may hold it. */
    record Source(SegmentId id, long lastEntry, List<DiskId> disks) {}

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

    private final List<Source> newestFirst;
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

    Restoration(List<Source> newestFirst, Replicas replicas, Timers timers, Events events) {
        this.newestFirst = newestFirst;
        this.replicas = replicas;
        this.timers = timers;
        this.events = events;
    }

    void start() {
        while (at < newestFirst.size() && newestFirst.get(at).lastEntry() < 0) {
            at++;
        }
        if (at == newestFirst.size()) {
            stop();
            events.restored(null, BatchTimestamps.NONE);
            return;
        }
        findSnapshot();
    }

    void stop() {
        if (!over) {
            over = true;
            snapshot.release();
        }
    }

    private Source source() {
        return newestFirst.get(at);
    }

    private DiskId disk() {
        return source().disks().get(attempt % source().disks().size());
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
                again(this::findSnapshot);
            }
        });
    }

    private void read(long from) {
        if (from > source().lastEntry()) {
            finishSegment();
            return;
        }
        replicas.read(disk(), source().id(), from, source().lastEntry(), READ_BYTES, answer -> {
            if (answer instanceof Answer.Ok<List<Entry>> ok) {
                try {
                    if (!over) {
                        ok.value().forEach(entry -> take(entry.header(), entry.payload()));
                    }
                } finally {
                    ok.value().forEach(entry -> entry.payload().release());
                }
                if (over) {
                    return;
                }
                if (ok.value().isEmpty()) {
                    again(() -> read(from));
                } else {
                    read(from + ok.value().size());
                }
            } else if (!over) {
                again(() -> read(from));
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
        if (!restored) {
            snapshot.clear().removeComponents(0, snapshot.numComponents());
            if (snapshotFrom > 0) {
                // Its last chunk lies behind the segment's end; an earlier one is complete.
                snapshotFrom = 0;
                read(0);
            } else {
                at++;
                start();
            }
            return;
        }
        SegmentId from = source().id();
        stop();
        events.restored(from, timestamps);
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
