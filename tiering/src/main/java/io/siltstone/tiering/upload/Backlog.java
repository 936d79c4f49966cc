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
     * How many copies the segment that is worst off is short of: what its write quorum asks for, less its live disks. Any
     * thread.
     */
    static int missingCopies(List<ChainSegment.Closed> segments, Predicate<DiskId> live) {
        return segments.stream()
                .mapToInt(segment -> segment.quorum().write()
                        - (int) segment.replicas().stream().filter(live).count())
                .reduce(0, Math::max);
    }

    /**
     * Rule 13: the segment number below which disks may drop everything; empty where that is no news. Nothing goes that
     * the bucket lacks, and nothing before the snapshot of a later segment is confirmed.
     *
     * @param confirmedSnapshot the number of the newest segment whose first snapshot an ack quorum has; -1 for none
     */
    public static OptionalLong trimBelow(PartitionState state, long confirmedSnapshot) {
        long settled = settledOffset(state);
        long below = state.nextSegment() - state.segments().size();
        for (ChainSegment segment : state.segments()) {
            boolean done = segment instanceof ChainSegment.Closed closed
                    && (closed.isEmpty() || closed.end().endOffset() <= settled);
            if (!done || segment.number() >= confirmedSnapshot) {
                break;
            }
            below = segment.number() + 1;
        }
        boolean news = below > state.trimBelow()
                && below > state.nextSegment() - state.segments().size();
        return news ? OptionalLong.of(below) : OptionalLong.empty();
    }
}
