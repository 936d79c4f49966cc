package io.siltstone.metadata;

/**
 * How much more a storage disk takes from writers, as its node told it last: that may be a second ago and an eighth off.
 *
 * @param freeBytes that writers' entries may still take
 * @param capacityBytes that they may take in all; 0 where the disk has not told
 */
public record DiskRoom(long freeBytes, long capacityBytes) {

    /** A disk that has told nothing, and so counts for nothing. */
    public static final DiskRoom UNKNOWN = new DiskRoom(0, 0);

    private static final int STEPS = 8;
    private static final int FINEST_STEPS = 200;

    public DiskRoom {
        if (freeBytes < 0 || capacityBytes < 0) {
            throw new IllegalArgumentException(freeBytes + " bytes free of " + capacityBytes);
        }
    }

    public boolean isKnown() {
        return capacityBytes > 0;
    }

    /** Whether the cluster should hear of it: the less is free, the smaller the change that is worth a write. */
    public boolean isNewsAfter(DiskRoom told) {
        long step = Math.max(capacityBytes / FINEST_STEPS, Math.min(freeBytes, told.freeBytes) / STEPS);
        return capacityBytes != told.capacityBytes || Math.abs(freeBytes - told.freeBytes) > step;
    }
}
