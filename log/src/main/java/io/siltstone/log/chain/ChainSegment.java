package io.siltstone.log.chain;

import io.siltstone.log.DiskId;
import java.util.List;

/**
 * One segment as its partition's znode names it: open to its one writer, being recovered, or closed for ever.
 *
 * <p>Invariants: the ensemble has at least as many disks as the ack quorum; a segment changes only by the transitions
 * here, and never once it is closed (rule 8).
 */
public sealed interface ChainSegment {

    long number();

    long baseOffset();

    /** The epoch of the one writer that ever appends to it. */
    int epoch();

    Quorum quorum();

    /** The disks that the writer sends to, as registered. */
    List<DiskId> ensemble();

    long createdMs();

    /** The disks that may hold a copy. */
    default List<DiskId> replicas() {
        return ensemble();
    }

    /** Appended to by the owner of {@link #epoch}. */
    record Open(long number, long baseOffset, int epoch, Quorum quorum, List<DiskId> ensemble, long createdMs)
            implements ChainSegment {

        public Open {
            ensemble = checked(number, quorum, ensemble);
        }

        public Recovering recovering() {
            return new Recovering(number, baseOffset, epoch, quorum, ensemble, createdMs);
        }

        public Closed close(SegmentEnd end) {
            return new Closed(number, baseOffset, epoch, quorum, ensemble, createdMs, end, List.of());
        }
    }

    /** Claimed by a later owner, which fences it and decides its end (rules 6 and 7). */
    record Recovering(long number, long baseOffset, int epoch, Quorum quorum, List<DiskId> ensemble, long createdMs)
            implements ChainSegment {

        public Recovering {
            ensemble = checked(number, quorum, ensemble);
        }

        public Closed close(SegmentEnd end, List<DiskId> extra) {
            return new Closed(number, baseOffset, epoch, quorum, ensemble, createdMs, end, extra);
        }
    }

    /**
     * Final.
     *
     * @param extra disks outside the ensemble to which recovery copied every entry
     */
    record Closed(
            long number,
            long baseOffset,
            int epoch,
            Quorum quorum,
            List<DiskId> ensemble,
            long createdMs,
            SegmentEnd end,
            List<DiskId> extra)
            implements ChainSegment {

        public Closed {
            ensemble = checked(number, quorum, ensemble);
            extra = List.copyOf(extra);
            if (end.endOffset() < baseOffset) {
                throw new IllegalArgumentException(
                        "segment " + number + " from offset " + baseOffset + " cannot end at " + end.endOffset());
            }
        }

        /** Holds no batch; such a segment never becomes an object. */
        public boolean isEmpty() {
            return end.endOffset() == baseOffset;
        }

        @Override
        public List<DiskId> replicas() {
            return java.util.stream.Stream.concat(ensemble.stream(), extra.stream())
                    .toList();
        }
    }

    private static List<DiskId> checked(long number, Quorum quorum, List<DiskId> ensemble) {
        if (ensemble.size() < quorum.ack() || ensemble.size() > quorum.write()) {
            throw new IllegalArgumentException(
                    "segment " + number + " has " + ensemble.size() + " disks for " + quorum);
        }
        if (ensemble.stream().distinct().count() != ensemble.size()) {
            throw new IllegalArgumentException("segment " + number + " names a disk twice: " + ensemble);
        }
        return List.copyOf(ensemble);
    }
}
