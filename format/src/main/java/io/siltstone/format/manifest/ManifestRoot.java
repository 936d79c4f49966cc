package io.siltstone.format.manifest;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One version of a partition's manifest.
 *
 * <p>Invariants: the tail's ranges follow the tree's; the first starts at offset 0 and each where the one before ended,
 * or at or below the log start behind a gap of dropped records; the last one ends at the end offset, unless all that was
 * below the end is dropped.
 *
 * @param epoch of the owner that wrote it
 * @param sequence grows with each root that was ever tried
 * @param writtenMs wall clock of the writer
 * @param logStart the first offset that may be read
 * @param endOffset the offset after the last one in the bucket
 * @param previous the root before; null in the first
 * @param changes against the root before
 * @param tree null while the tail holds everything
 * @param tail the newest ranges
 */
public record ManifestRoot(
        UUID topic,
        int partition,
        int epoch,
        long sequence,
        long writtenMs,
        long logStart,
        long endOffset,
        @Nullable RootRef previous,
        List<ManifestChange> changes,
        @Nullable NodeRef tree,
        List<ManifestRange> tail) {

    public ManifestRoot {
        changes = List.copyOf(changes);
        tail = List.copyOf(tail);
        if (epoch < 0 || sequence < 0 || logStart < 0 || endOffset < 0) {
            throw new IllegalArgumentException("manifest root of epoch " + epoch + ", sequence " + sequence
                    + ", log start " + logStart + ", end offset " + endOffset);
        }
        long next = 0;
        if (tree != null) {
            checkFollows(tree.key(), tree.baseOffset(), next, logStart);
            next = tree.endOffset();
        }
        for (ManifestRange range : tail) {
            checkFollows(range.key(), range.baseOffset(), next, logStart);
            next = range.endOffset();
        }
        if (next > endOffset || (next < endOffset && endOffset > logStart)) {
            throw new IllegalArgumentException("ranges end at " + next + ", the root says " + endOffset);
        }
    }

    private static void checkFollows(String key, long baseOffset, long next, long logStart) {
        if (!follows(baseOffset, next, logStart)) {
            throw new IllegalArgumentException("the manifest has a gap or an overlap: object " + key + " starts at "
                    + baseOffset + ", not at " + next + ", and the log at " + logStart);
        }
    }

    /**
     * Whether a range may stand behind another, or be the first: without a gap, or behind one that lies wholly at or below
     * the log start.
     *
     * @param next where the range before ended; 0 for the first
     */
    public static boolean follows(long baseOffset, long next, long logStart) {
        return baseOffset == next || (baseOffset > next && baseOffset <= logStart);
    }

    /** Bytes of all segment objects that it names. */
    public long bytes() {
        return (tree == null ? 0 : tree.bytes())
                + tail.stream().mapToLong(ManifestRange::bytes).sum();
    }

    /** How many segment objects it names. */
    public long ranges() {
        return (tree == null ? 0 : tree.ranges()) + tail.size();
    }
}
