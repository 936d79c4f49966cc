package io.siltstone.log;

/** One segment of a partition's chain; numbers grow upwards and are never used again. */
public record SegmentId(PartitionId partition, long number) implements Comparable<SegmentId> {

    public SegmentId {
        if (number < 0) {
            throw new IllegalArgumentException("segment number " + number + " is negative");
        }
    }

    @Override
    public int compareTo(SegmentId other) {
        int byPartition = partition.compareTo(other.partition);
        return byPartition != 0 ? byPartition : Long.compare(number, other.number);
    }

    @Override
    public String toString() {
        return partition + "/" + number;
    }
}
