package io.siltstone.tiering.upload;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * What a partition's state asks of tiering: the segments whose records the bucket lacks, and how far the disks may be
 * trimmed. Pure.
 */
public final class Backlog {

    private static final int MOST_SEGMENTS_PER_OBJECT = 64;

    private Backlog() {}

    /** The offset up to which nothing needs an upload: what is committed, or dropped from the log for good. */
    static long settledOffset(PartitionState state) {
        ManifestPointer manifest = state.manifest();
        return Math.max(state.logStart(), manifest == null ? 0 : manifest.endOffset());
    }

    /** Closed segments that hold records the bucket lacks, in order. Segments without records never count. */
    public static List<ChainSegment.Closed> untiered(PartitionState state) {
        long settled = settledOffset(state);
        return state.segments().stream()
                .filter(ChainSegment.Closed.class::isInstance)
                .map(ChainSegment.Closed.class::cast)
                .filter(segment -> !segment.isEmpty() && segment.end().endOffset() > settled)
                .toList();
    }

    /**
     * What the next upload takes: the first that wait, as many as an object may hold, up to one that no live disk holds.
     * Such a one is tried alone, once it is the first, so that it holds back nothing that can be read. Any thread.
     *
     * @param untiered what waits, in order
     */
    static List<ChainSegment.Closed> nextUpload(List<ChainSegment.Closed> untiered, Predicate<DiskId> live) {
        int most = Math.min(MOST_SEGMENTS_PER_OBJECT, untiered.size());
        int end = Math.min(1, most);
        boolean readable = end == 1 && liveCopies(untiered.get(0), live) > 0;
        while (readable && end < most && liveCopies(untiered.get(end), live) > 0) {
            end++;
        }
        return List.copyOf(untiered.subList(0, end));
    }

    /**
     * How many copies the segment that is worst off in the next upload is short of: what its write quorum asks for, less
     * its live disks. One that no live disk holds counts as short of none: no upload can help it now. Any thread.
     */
    static int missingCopies(List<ChainSegment.Closed> untiered, Predicate<DiskId> live) {
        return nextUpload(untiered, live).stream()
                .filter(segment -> liveCopies(segment, live) > 0)
                .mapToInt(segment -> segment.quorum().write() - liveCopies(segment, live))
                .reduce(0, Math::max);
    }

    private static int liveCopies(ChainSegment.Closed segment, Predicate<DiskId> live) {
        return (int) segment.replicas().stream().filter(live).count();
    }

    /**
     * Rule 13: the segment number below which disks may drop everything; empty where that is no news. Nothing goes that
     * the bucket lacks, and nothing before the snapshot of a later segment is confirmed.
     *
     * @param confirmedSnapshot the number of the newest segment whose first snapshot an ack quorum has; -1 for none
     */
    public static OptionalLong trimBelow(PartitionState state, long confirmedSnapshot) {
        long settled = settledOffset(state);
        long below = state.trimBelow();
        for (ChainSegment segment : state.segments()) {
            boolean done = segment instanceof ChainSegment.Closed closed
                    && (closed.isEmpty() || closed.end().endOffset() <= settled);
            if (!done || segment.number() >= confirmedSnapshot) {
                break;
            }
            below = segment.number() + 1;
        }
        return below > state.trimBelow() ? OptionalLong.of(below) : OptionalLong.empty();
    }
}
