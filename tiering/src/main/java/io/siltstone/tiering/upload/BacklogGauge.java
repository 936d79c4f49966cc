package io.siltstone.tiering.upload;

import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import java.util.List;
import java.util.function.Predicate;

/**
 * How much of one partition the bucket lacks, for metrics and for the order of uploads. Written on the partition's event
 * loop, read on any thread.
 */
final class BacklogGauge {

    private volatile double bytesPerOffset;
    private volatile long untieredOffsets;
    private volatile long oldestCreatedMs = -1;
    private volatile List<ChainSegment.Closed> waiting = List.of();

    /** The partition as it stands now. */
    void observe(PartitionState state) {
        List<ChainSegment.Closed> untiered = Backlog.untiered(state);
        ManifestPointer manifest = state.manifest();
        if (bytesPerOffset == 0 && manifest != null && manifest.endOffset() > 0) {
            bytesPerOffset = (double) manifest.bytes() / manifest.endOffset();
        }
        waiting = untiered;
        untieredOffsets = untiered.isEmpty()
                ? 0
                : untiered.get(untiered.size() - 1).end().endOffset() - Backlog.settledOffset(state);
        oldestCreatedMs = untiered.isEmpty() ? -1 : untiered.get(0).createdMs();
    }

    /** What an offset takes in the bucket is known from the newest object. */
    void uploaded(ManifestRange range) {
        bytesPerOffset = (double) range.bytes() / (range.endOffset() - range.baseOffset());
    }

    /** Bytes that the bucket lacks, estimated. */
    double untieredBytes() {
        return untieredOffsets * bytesPerOffset;
    }

    /** Age of the oldest segment that waits; 0 where none does. */
    double untieredAgeMs(long wallClockMs) {
        long created = oldestCreatedMs;
        return created < 0 ? 0 : Math.max(0, wallClockMs - created);
    }

    /** How many copies the next upload is short of. */
    int missingCopies(Predicate<DiskId> live) {
        return Backlog.missingCopies(waiting, live);
    }
}
