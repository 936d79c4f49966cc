package io.siltstone.ingest.quota;

/**
 * How fast the producers of one node may append: a decision, and the rule it is made by. Pure.
 *
 * <p>While a third of the disks is free nobody is slowed. Below, this node's share of the free room may be used up within
 * {@value #HORIZON_SECONDS} s, and what the bucket takes meanwhile is added, with a little left out so that the room grows
 * again. So with the bucket away the pace halves again and again as the disks fill, and never fills them; with a
 * bucket that is slower than the producers it settles at what the bucket takes. The rate at which the bucket takes is
 * known only afterwards: so it counts for no more than {@value #TRUST_SECONDS} s use up the room.
 *
 * @param bytesPerSecond of record batches; infinite where nobody is slowed
 */
record ProducePace(double bytesPerSecond) {

    static final ProducePace FREE = new ProducePace(Double.POSITIVE_INFINITY);

    static final int HORIZON_SECONDS = 20;
    static final int TRUST_SECONDS = 5;

    private static final int FREE_ABOVE_PARTS = 3;
    private static final double DRAIN_SHARE = 0.9;

    /**
     * Decides.
     *
     * @param room of the whole cluster
     * @param drainedBytesPerSecond what the bucket takes from this node's partitions
     * @param ingestNodes that share the room; at least 1
     */
    static ProducePace of(RecordRoom room, double drainedBytesPerSecond, int ingestNodes) {
        if (!room.isKnown() || room.freeBytes() >= room.capacityBytes() / FREE_ABOVE_PARTS) {
            return FREE;
        }
        double shareBytes = (double) room.freeBytes() / ingestNodes;
        return new ProducePace(shareBytes / HORIZON_SECONDS
                + Math.min(DRAIN_SHARE * drainedBytesPerSecond, shareBytes / TRUST_SECONDS));
    }

    boolean isFree() {
        return Double.isInfinite(bytesPerSecond);
    }
}
