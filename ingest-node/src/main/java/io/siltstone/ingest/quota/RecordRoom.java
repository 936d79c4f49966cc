package io.siltstone.ingest.quota;

import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.StorageDiskImage;
import java.util.Comparator;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How many bytes of records the live storage disks together take, each record on an ack quorum of them. Pure.
 *
 * <p>A twentieth of each disk is left out: for what is under way, and for coordinators, who are not slowed.
 *
 * @param freeBytes that may still be appended
 * @param capacityBytes that empty disks would take; 0 where it is not known
 */
record RecordRoom(long freeBytes, long capacityBytes) {

    static final RecordRoom UNKNOWN = new RecordRoom(0, 0);

    private static final int MARGIN = 20;

    /**
     * What the image says.
     *
     * @param copies disks that a record must be on; where fewer live, it is not room that is missing
     */
    static RecordRoom of(ClusterImage image, int copies) {
        List<DiskRoom> disks = image.storageDisks().values().stream()
                .filter(StorageDiskImage::live)
                .map(StorageDiskImage::room)
                .filter(DiskRoom::isKnown)
                .toList();
        if (disks.size() < copies) {
            return UNKNOWN;
        }
        return new RecordRoom(
                spread(disks, copies, room -> Math.max(0, room.freeBytes() - room.capacityBytes() / MARGIN)),
                spread(disks, copies, room -> room.capacityBytes() - room.capacityBytes() / MARGIN));
    }

    boolean isKnown() {
        return capacityBytes > 0;
    }

    /**
     * The most bytes of which each can lie on so many different disks: a disk that is larger than all the rest together
     * holds one copy of everything, and the rest is for the other copies.
     */
    private static long spread(List<DiskRoom> disks, int copies, ToLongFunction<DiskRoom> bytes) {
        List<Long> largestFirst = disks.stream()
                .map(bytes::applyAsLong)
                .sorted(Comparator.reverseOrder())
                .toList();
        long rest = largestFirst.stream().mapToLong(Long::longValue).sum();
        long most = Long.MAX_VALUE;
        for (int whole = 0; whole < copies; whole++) {
            most = Math.min(most, rest / (copies - whole));
            rest -= largestFirst.get(whole);
        }
        return most;
    }
}
