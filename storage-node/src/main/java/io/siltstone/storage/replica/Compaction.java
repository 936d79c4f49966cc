package io.siltstone.storage.replica;

import io.netty.buffer.ByteBuf;
import io.siltstone.storage.journal.JournalAddress;
import io.siltstone.storage.journal.JournalItem;
import io.siltstone.storage.journal.JournalQueue;
import io.siltstone.storage.journal.JournalSpace;
import io.siltstone.storage.journal.NumberedFile;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties files that few live entries hold, by copying these to the journal's head. One file at a time, one read in
 * flight, so that it takes little from appends. Owned by the core's thread.
 */
final class Compaction {

    private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);
    private static final int READ_BYTES = 1 << 20;

    private final SegmentStore store;
    private final JournalSpace space;
    private final JournalQueue queue;
    private final ReadPlanner planner;
    private final Deque<SegmentReplica> segments = new ArrayDeque<>();
    private boolean running;
    private long fileNumber;
    private final Set<Long> damagedFiles = new HashSet<>();

    Compaction(SegmentStore store, JournalSpace space, JournalQueue queue, ReadPlanner planner) {
        this.store = store;
        this.space = space;
        this.queue = queue;
        this.planner = planner;
    }

    boolean isRunning() {
        return running;
    }

    /** Starts on the file that is best emptied, where there is one and the last is done. */
    void maybeStart() {
        if (running || !space.admitsRecovery(queue.bytes())) {
            return;
        }
        space.sparselyUsed(number -> !damagedFiles.contains(number)).ifPresent(this::start);
    }

    private void start(NumberedFile file) {
        running = true;
        fileNumber = file.number();
        segments.clear();
        for (PartitionReplica partition : store.partitions()) {
            for (SegmentReplica segment : partition.segments()) {
                if (segment.liesIn(fileNumber)) {
                    segments.add(segment);
                }
            }
        }
        LOG.debug("emptying {}: entries of {} segments move to the journal's head", file.name(), segments.size());
        nextSegment();
    }

    private void nextSegment() {
        SegmentReplica segment = segments.poll();
        if (segment == null) {
            running = false;
        } else {
            nextExtents(segment, 0);
        }
    }

    /** Copies the next extents of the segment that lie in the file, from an entry on. */
    private void nextExtents(SegmentReplica segment, long fromEntry) {
        Extents found = new Extents();
        if (store.segment(segment.id()) != null) {
            segment.index().fromEntry(fromEntry, found::visit);
        }
        if (found.first < 0) {
            store.settleMoves(segment);
            segment.isNotIn(fileNumber);
            nextSegment();
            return;
        }
        planner.byEntry(segment, found.first, found.last, Integer.MAX_VALUE, bytes -> true, result -> {
            if (result instanceof ReadResult.Found entries) {
                copy(segment, found, entries);
                return;
            }
            running = false;
            if (result instanceof ReadResult.Damaged damaged) {
                LOG.error("journal file {} stays as it is: {}", fileNumber, damaged.what());
                damagedFiles.add(fileNumber);
            }
        });
    }

    private void copy(SegmentReplica segment, Extents extents, ReadResult.Found entries) {
        for (int i = 0; i < entries.headers().size(); i++) {
            ByteBuf payload = entries.payloads().get(i);
            queue.add(new JournalItem.Entry(entries.headers().get(i), payload, segment.lane(), true));
        }
        queue.add(new JournalItem.Barrier(() -> nextExtents(segment, extents.last + 1)));
    }

    /** Neighbouring extents in the file, up to about what is read at once. */
    private final class Extents {
        private long first = -1;
        private long last = -1;
        private long bytes;

        boolean visit(long firstEntry, int count, long address, int extentBytes) {
            if (JournalAddress.fileNumber(address) != fileNumber) {
                return first < 0;
            }
            first = first < 0 ? firstEntry : first;
            last = firstEntry + count - 1;
            bytes += extentBytes;
            return bytes < READ_BYTES;
        }
    }
}
