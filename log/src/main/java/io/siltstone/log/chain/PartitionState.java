package io.siltstone.log.chain;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a partition's znode holds: the single truth about its owner, its epoch and the segments that disks may still
 * hold.
 *
 * <p>Invariants: segment numbers ascend and end below {@code nextSegment} (a number is missing where a segment held
 * nothing confirmed); each segment starts at the offset where the one before ended; only the last may be other than
 * closed; epochs never fall (rule I6 of the model).
 *
 * @param epoch Kafka's leader epoch; -1 before the first owner
 * @param owner who claimed it last; null where it was released or never owned
 * @param assigned whom the controller wants to own it
 * @param segments those not yet trimmed, ascending
 * @param manifest the newest committed root; null before the first upload
 * @param logStart the first offset that may be read
 * @param nextSegment the number of the next segment
 * @param trimBelow disks may drop every segment below this number (rule 13)
 */
public record PartitionState(
        int epoch,
        @Nullable Owner owner,
        @Nullable Owner assigned,
        List<ChainSegment> segments,
        @Nullable ManifestPointer manifest,
        long logStart,
        long nextSegment,
        long trimBelow) {

    public PartitionState {
        segments = List.copyOf(segments);
        if (epoch < -1 || logStart < 0 || trimBelow > nextSegment) {
            throw new IllegalArgumentException(
                    "epoch " + epoch + ", log start " + logStart + ", trim below " + trimBelow + " of " + nextSegment);
        }
        long previous = -1;
        for (int i = 0; i < segments.size(); i++) {
            ChainSegment segment = segments.get(i);
            if (segment.number() <= previous || segment.number() >= nextSegment || segment.epoch() > epoch) {
                throw new IllegalArgumentException("segment " + segment.number() + " of epoch " + segment.epoch()
                        + " does not fit after " + previous + ", next segment " + nextSegment + ", epoch " + epoch);
            }
            previous = segment.number();
            if (i < segments.size() - 1) {
                requireFollows(segment, segments.get(i + 1));
            }
        }
    }

    private static void requireFollows(ChainSegment segment, ChainSegment next) {
        if (!(segment instanceof ChainSegment.Closed closed)
                || closed.end().endOffset() != next.baseOffset()
                || segment.epoch() > next.epoch()) {
            throw new IllegalArgumentException(segment + " is followed by " + next);
        }
    }

    /** A partition that was just created. */
    public static PartitionState initial() {
        return new PartitionState(-1, null, null, List.of(), null, 0, 0, 0);
    }

    public Optional<ChainSegment> last() {
        return segments.isEmpty() ? Optional.empty() : Optional.of(segments.get(segments.size() - 1));
    }

    public Optional<ChainSegment> segment(long number) {
        return segments.stream().filter(segment -> segment.number() == number).findFirst();
    }

    /** The offset after everything that is closed or in the bucket. */
    public long closedEndOffset() {
        long tiered = manifest == null ? 0 : manifest.endOffset();
        return last().map(segment -> segment instanceof ChainSegment.Closed closed
                        ? closed.end().endOffset()
                        : segment.baseOffset())
                .orElse(Math.max(tiered, logStart));
    }

    /** Rule 6: the new epoch and the fence's intent, before any segment is fenced. */
    public PartitionState claimedBy(Owner newOwner) {
        List<ChainSegment> claimed = new ArrayList<>(segments);
        last().ifPresent(segment -> {
            if (segment instanceof ChainSegment.Open open) {
                claimed.set(claimed.size() - 1, open.recovering());
            }
        });
        return new PartitionState(epoch + 1, newOwner, assigned, claimed, manifest, logStart, nextSegment, trimBelow);
    }

    /** The last segment closed (rule 8, or the first half of a roll). */
    public PartitionState withLastClosed(ChainSegment.Closed closed) {
        ChainSegment last = last().orElseThrow();
        if (last.number() != closed.number() || last instanceof ChainSegment.Closed) {
            throw new IllegalStateException("cannot close segment " + closed.number() + ": the last one is " + last);
        }
        List<ChainSegment> next = new ArrayList<>(segments);
        next.set(next.size() - 1, closed);
        return withSegments(next, nextSegment);
    }

    /** The last segment unlisted: nothing in it was confirmed, and nobody confirms in it any more. */
    public PartitionState withLastUnlisted() {
        if (segments.isEmpty() || last().orElseThrow() instanceof ChainSegment.Closed) {
            throw new IllegalStateException("no open segment to unlist in " + this);
        }
        return withSegments(segments.subList(0, segments.size() - 1), nextSegment);
    }

    /** Closed segments without a batch unlisted, but for the newest: a later snapshot of the state is confirmed. */
    public PartitionState withoutEmptyBelow(long number) {
        return withSegments(
                segments.stream()
                        .filter(segment -> segment.number() >= number
                                || !(segment instanceof ChainSegment.Closed closed && closed.isEmpty()))
                        .toList(),
                nextSegment);
    }

    /** The next segment registered behind the last, closed one. */
    public PartitionState withRegistered(ChainSegment.Open open) {
        if (open.number() != nextSegment || open.baseOffset() != closedEndOffset()) {
            throw new IllegalStateException(
                    "cannot register " + open + " as segment " + nextSegment + " at offset " + closedEndOffset());
        }
        List<ChainSegment> next = new ArrayList<>(segments);
        next.add(open);
        return withSegments(next, nextSegment + 1);
    }

    /** Nobody owns it: the graceful end of an ownership. */
    public PartitionState released() {
        return new PartitionState(epoch, null, assigned, segments, manifest, logStart, nextSegment, trimBelow);
    }

    public PartitionState assignedTo(@Nullable Owner newAssigned) {
        return new PartitionState(epoch, owner, newAssigned, segments, manifest, logStart, nextSegment, trimBelow);
    }

    public PartitionState withLogStart(long newLogStart) {
        return new PartitionState(epoch, owner, assigned, segments, manifest, newLogStart, nextSegment, trimBelow);
    }

    /** Rule 12: the bucket holds everything below the pointer's end offset. */
    public PartitionState withManifest(ManifestPointer newManifest) {
        return new PartitionState(epoch, owner, assigned, segments, newManifest, logStart, nextSegment, trimBelow);
    }

    /** Rule 13: segments below the number leave the list, and disks may drop them. */
    public PartitionState trimmedBelow(long number) {
        List<ChainSegment> kept =
                segments.stream().filter(segment -> segment.number() >= number).toList();
        if (kept.isEmpty()) {
            throw new IllegalStateException(
                    "segment " + (nextSegment - 1) + " holds the newest state, it stays listed");
        }
        return new PartitionState(
                epoch, owner, assigned, kept, manifest, logStart, nextSegment, Math.max(trimBelow, number));
    }

    private PartitionState withSegments(List<ChainSegment> newSegments, long newNextSegment) {
        return new PartitionState(epoch, owner, assigned, newSegments, manifest, logStart, newNextSegment, trimBelow);
    }
}
