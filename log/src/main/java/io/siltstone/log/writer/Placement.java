package io.siltstone.log.writer;

import io.siltstone.log.DiskId;
import java.util.List;
import java.util.Set;

/** Port: which disks are there, and where. A pure view of the cluster's image. */
public interface Placement {

    /**
     * Disks for a new segment, spread over failure domains, evenly over segments.
     *
     * @param width how many are wanted
     * @param avoid disks that just failed their writer; taken only where there is nothing else
     * @return at most {@code width} live disks, none twice; fewer where there are fewer
     */
    List<DiskId> choose(int width, Set<DiskId> avoid);

    /**
     * Disks for a new segment where too few have room for batches: those without room still take its first snapshot, after
     * which what is closed can leave them.
     *
     * @param width how many are wanted
     * @return at most {@code width} live disks, none twice, those with room first
     */
    List<DiskId> chooseDespiteRoom(int width);

    /** Whether the disk's node is live and takes appends. */
    boolean isLive(DiskId disk);

    /** The disk's failure domain: its zone, else its host. */
    String domain(DiskId disk);
}
