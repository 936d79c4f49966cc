package io.siltstone.testkit.simulation;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.LogRules;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What was told to producers and consumers, and whether it still holds: the invariants I1 to I7 of the model in
 * docs/spec, checked whenever something happened that could break them. It keeps the rules in its own words: nothing of
 * what production decides is asked here.
 */
final class History {

    /** What a disk holds for certain, as the checker saw it become durable. */
    interface Disks {

        /** Whether the disk exists under the identity and durably holds the batch at this place. */
        boolean holds(DiskId disk, long segment, long offset, int batch);

        /** Whether the disk exists under that identity. */
        boolean exists(DiskId disk);
    }

    private final World world;
    private final Disks disks;
    private final TreeMap<Long, Integer> acknowledged = new TreeMap<>();
    private final TreeMap<Long, Integer> exposed = new TreeMap<>();
    private final Map<Integer, Long> exposedAt = new HashMap<>();
    private final Map<Long, TreeMap<Long, Integer>> bucket = new HashMap<>();
    private final Map<Long, ChainSegment.Closed> closed = new HashMap<>();
    private PartitionState chain = PartitionState.initial();
    private long toldConfirmed;

    History(World world, Disks disks) {
        this.world = world;
        this.disks = disks;
    }

    int acknowledgedCount() {
        return acknowledged.size();
    }

    /** The offset after the greatest one acknowledged so far. */
    long acknowledgedEnd() {
        return acknowledged.isEmpty() ? 0 : acknowledged.lastKey() + 1;
    }

    void acknowledged(String owner, long offset, int batch) {
        Integer other = acknowledged.put(offset, batch);
        if (other == null) {
            world.tell(() -> owner + " acknowledges batch " + batch + " at offset " + offset);
        } else if (other != batch) {
            throw new Violation("4", "offset " + offset + " was acknowledged as batch " + other + ", now as " + batch);
        }
        requireReadable("1 and 3", "acknowledged by " + owner, offset, batch);
    }

    void exposed(String owner, long offset, int batch) {
        Integer other = exposed.put(offset, batch);
        if (other != null && other != batch) {
            throw new Violation(
                    "4",
                    owner + " shows batch " + batch + " at offset " + offset + ", where batch " + other + " was seen");
        }
        Long elsewhere = exposedAt.put(batch, offset);
        if (elsewhere != null && elsewhere != offset) {
            throw new Violation("9", "batch " + batch + " is seen at offset " + elsewhere + " and at " + offset);
        }
        if (other == null) {
            requireReadable("4", "shown by " + owner, offset, batch);
        }
    }

    /** An owner told its high watermark: everything below is acknowledged and visible. */
    void confirmed(String owner, SortedMap<Long, Integer> below) {
        long from = Math.min(toldConfirmed, below.isEmpty() ? 0 : below.lastKey());
        below.forEach((offset, batch) -> {
            if (offset >= from || !Integer.valueOf(batch).equals(acknowledged.get(offset))) {
                acknowledged(owner, offset, batch);
                exposed(owner, offset, batch);
            }
        });
        toldConfirmed = Math.max(toldConfirmed, acknowledgedEnd());
    }

    void toldLatest(String owner, long highWatermark, long promised) {
        if (highWatermark < promised) {
            throw new Violation(
                    "5",
                    owner + " tells " + highWatermark + " as the latest offset; " + promised
                            + " had been acknowledged before it was asked");
        }
    }

    void tiered(long segment, SortedMap<Long, Integer> content) {
        bucket.put(segment, new TreeMap<>(content));
    }

    /** The znode changed. */
    void chainChanged(PartitionState before, PartitionState after) {
        chain = after;
        if (after.epoch() < before.epoch()) {
            throw new Violation("6", "the epoch falls from " + before.epoch() + " to " + after.epoch());
        }
        for (ChainSegment segment : after.segments()) {
            ChainSegment.Closed known = closed.get(segment.number());
            if (known != null && !known.equals(segment)) {
                throw new Violation("8", "closed segment " + known + " became " + segment);
            }
            if (segment instanceof ChainSegment.Closed now) {
                closed.put(segment.number(), now);
            }
        }
        for (ChainSegment segment : before.segments()) {
            boolean listed = after.segment(segment.number()).isPresent();
            boolean empty = !(segment instanceof ChainSegment.Closed now) || now.isEmpty();
            if (!listed && !empty && !bucket.containsKey(segment.number())) {
                throw new Violation("8", "segment " + segment + " is not listed any more");
            }
        }
        diskChanged();
    }

    /** A disk lost something, or the chain names other disks. */
    void diskChanged() {
        acknowledged.forEach((offset, batch) -> requireReadable("1 and 3", "acknowledged", offset, batch));
        exposed.forEach((offset, batch) -> requireReadable("4", "shown to a consumer", offset, batch));
    }

    /** No two offsets of the closed chain hold the same batch. */
    void requireNoDuplicate() {
        Map<Integer, Long> seen = new HashMap<>();
        exposed.forEach((offset, batch) -> {
            Long other = seen.putIfAbsent(batch, offset);
            if (other != null) {
                throw new Violation("9", "batch " + batch + " lies at offsets " + other + " and " + offset);
            }
        });
    }

    /** Every offset below was shown to consumers: nothing acknowledged is missing, there is no gap. */
    void requireExposedUpTo(long end) {
        for (long offset = 0; offset < end; offset++) {
            if (!exposed.containsKey(offset)) {
                throw new Violation(
                        "4", "offset " + offset + " was never shown, the latest acknowledged one is below " + end);
            }
        }
    }

    private void requireReadable(String rule, String why, long offset, int batch) {
        if (!isReadable(offset, batch)) {
            throw new Violation(
                    rule,
                    "batch " + batch + " at offset " + offset + ", " + why + ", can be lost or is: the chain is "
                            + chain.segments());
        }
    }

    private boolean isReadable(long offset, int batch) {
        for (Map.Entry<Long, TreeMap<Long, Integer>> segment : bucket.entrySet()) {
            ChainSegment.Closed range = closed.get(segment.getKey());
            if (range != null
                    && offset >= range.baseOffset()
                    && offset < range.end().endOffset()) {
                return Integer.valueOf(batch).equals(segment.getValue().get(offset));
            }
        }
        for (ChainSegment segment : chain.segments()) {
            if (offset < segment.baseOffset()) {
                continue;
            }
            if (segment instanceof ChainSegment.Closed range) {
                if (offset < range.end().endOffset()) {
                    return range.replicas().stream().anyMatch(disk -> disks.holds(disk, range.number(), offset, batch));
                }
                continue;
            }
            return survivesAnyRecovery(segment, offset, batch);
        }
        return false;
    }

    /** Whether any set of fenced disks that is large enough to decide the end has one that holds it. */
    private boolean survivesAnyRecovery(ChainSegment segment, long offset, int batch) {
        int needed = new LogRules().fenceAnswersNeeded(segment.ensemble().size(), segment.quorum());
        List<DiskId> there = segment.ensemble().stream().filter(disks::exists).toList();
        long without = there.stream()
                .filter(disk -> !disks.holds(disk, segment.number(), offset, batch))
                .count();
        return there.size() >= needed && without < needed;
    }
}
