package io.siltstone.storage.replica;

import io.siltstone.storage.index.SegmentIndex;
import io.siltstone.storage.journal.JournalAddress;
import io.siltstone.storage.journal.JournalSpace;
import io.siltstone.storage.journal.NumberedFile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/** Turns what is asked into plans, and keeps files pinned while they are carried out. Owned by the core's thread. */
final class ReadPlanner {

    private static final int RANGE_BYTES = 1 << 20;

    private final JournalSpace space;
    private final EntryReads reads;
    private int inFlight;

    ReadPlanner(JournalSpace space, EntryReads reads) {
        this.space = space;
        this.reads = reads;
    }

    /** Reads that are not over yet. */
    int inFlight() {
        return inFlight;
    }

    /** @param admits asked for the bytes that will be read; where it refuses nothing is, and the result is busy */
    void byEntry(
            SegmentReplica segment,
            long fromEntry,
            long lastEntry,
            int maxBytes,
            LongPredicate admits,
            Consumer<ReadResult> done) {
        Collected collected = new Collected(fromEntry, lastEntry, maxBytes);
        segment.index().fromEntry(fromEntry, collected::visit);
        read(segment, collected, fromEntry, 0, lastEntry, maxBytes, admits, done);
    }

    void byOffset(
            SegmentReplica segment,
            long offset,
            long lastEntry,
            int maxBytes,
            LongPredicate admits,
            Consumer<ReadResult> done) {
        // The wanted entry is in the first page, behind less than a page's bytes.
        Collected collected = new Collected(-1, lastEntry, (long) maxBytes + SegmentIndex.PAGE_BYTES);
        segment.index().fromOffset(offset, collected::visit);
        read(segment, collected, 0, offset, lastEntry, maxBytes, admits, done);
    }

    private void read(
            SegmentReplica segment,
            Collected collected,
            long fromEntry,
            long fromOffset,
            long lastEntry,
            int maxBytes,
            LongPredicate admits,
            Consumer<ReadResult> done) {
        if (collected.ranges.isEmpty()) {
            done.accept(new ReadResult.Found(List.of(), List.of()));
            return;
        }
        List<ReadPlan.Range> ranges = collected.ranges;
        if (!admits.test(ranges.stream().mapToLong(ReadPlan.Range::bytes).sum())) {
            ranges.forEach(range -> space.unpin(range.file().number()));
            done.accept(new ReadResult.Busy());
            return;
        }
        inFlight++;
        reads.read(
                new ReadPlan(segment.id(), ranges, collected.firstEntry, fromEntry, fromOffset, lastEntry, maxBytes),
                result -> {
                    inFlight--;
                    ranges.forEach(range -> space.unpin(range.file().number()));
                    done.accept(result);
                });
    }

    /** The extents of a plan as they are found. */
    private final class Collected {
        private final List<ReadPlan.Range> ranges = new ArrayList<>();
        private final long fromEntry;
        private final long lastEntry;
        private final long enoughBytes;
        private long firstEntry = -1;
        private long bytes;

        Collected(long fromEntry, long lastEntry, long enoughBytes) {
            this.fromEntry = fromEntry;
            this.lastEntry = lastEntry;
            this.enoughBytes = enoughBytes;
        }

        boolean visit(long first, int count, long address, int extentBytes) {
            if (first > lastEntry) {
                return false;
            }
            if (firstEntry < 0) {
                firstEntry = first;
            }
            long fileNumber = JournalAddress.fileNumber(address);
            long position = JournalAddress.position(address);
            ReadPlan.Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null
                    && last.file().number() == fileNumber
                    && last.position() + last.bytes() == position
                    && last.bytes() + extentBytes <= RANGE_BYTES) {
                ranges.set(
                        ranges.size() - 1,
                        new ReadPlan.Range(last.file(), last.position(), last.bytes() + extentBytes));
            } else {
                NumberedFile file = space.pin(fileNumber);
                ranges.add(new ReadPlan.Range(file, position, extentBytes));
            }
            bytes += first >= fromEntry ? extentBytes : 0;
            return bytes < enoughBytes;
        }
    }
}
