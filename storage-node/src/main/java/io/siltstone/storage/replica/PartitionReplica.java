package io.siltstone.storage.replica;

import io.siltstone.log.PartitionId;
import java.util.Collection;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What this disk holds of one partition. Owned by the core's thread. */
final class PartitionReplica {

    private final PartitionId id;
    private final NavigableMap<Long, SegmentReplica> segments = new TreeMap<>();
    private long minimum;

    PartitionReplica(PartitionId id) {
        this.id = id;
    }

    PartitionId id() {
        return id;
    }

    /** Segments below this number refuse every write and count as fenced; it never falls (rule 2). */
    long minimum() {
        return minimum;
    }

    void raiseMinimum(long below) {
        minimum = Math.max(minimum, below);
    }

    @Nullable
    SegmentReplica segment(long number) {
        return segments.get(number);
    }

    void add(SegmentReplica segment) {
        segments.put(segment.id().number(), segment);
    }

    Collection<SegmentReplica> segments() {
        return segments.values();
    }

    /** Takes out the segments below the minimum. */
    List<SegmentReplica> takeDropped() {
        NavigableMap<Long, SegmentReplica> below = segments.headMap(minimum, false);
        List<SegmentReplica> dropped = List.copyOf(below.values());
        below.clear();
        return dropped;
    }
}
