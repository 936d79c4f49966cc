package io.siltstone.metadata.placement;

import io.siltstone.log.DiskId;
import io.siltstone.log.writer.Placement;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.StorageDiskImage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Chooses disks from the newest image: live, writable ones, over as many failure domains as there are, and evenly over
 * segments. It goes round a ring of the disks in which neighbours are of different domains, from a random start, so that
 * disks of equally large domains get equally many segments. Confined to one event loop.
 */
public final class ClusterPlacement implements Placement {

    private final ClusterView view;
    private int start;

    /**
     * A placement of its own start.
     *
     * @param random where on the ring it starts, so that event loops do not all start at one disk
     */
    public ClusterPlacement(ClusterView view, RandomGenerator random) {
        this.view = view;
        this.start = random.nextInt(Integer.MAX_VALUE);
    }

    @Override
    public List<DiskId> choose(int width, Set<DiskId> avoid) {
        return choose(width, ClusterPlacement::takesAppends, disk -> !avoid.contains(disk.disk()));
    }

    @Override
    public List<DiskId> chooseDespiteRoom(int width) {
        return choose(width, StorageDiskImage::live, StorageDiskImage::writable);
    }

    private List<DiskId> choose(int width, Predicate<StorageDiskImage> usable, Predicate<StorageDiskImage> preferred) {
        List<StorageDiskImage> disks =
                view.image().storageDisks().values().stream().filter(usable).toList();
        List<StorageDiskImage> chosen = new ArrayList<>();
        Map<String, Integer> ofDomain = new HashMap<>();
        pick(disks.stream().filter(preferred).toList(), width, chosen, ofDomain);
        pick(disks.stream().filter(preferred.negate()).toList(), width, chosen, ofDomain);
        start = (start + width) & Integer.MAX_VALUE;
        return chosen.stream().map(StorageDiskImage::disk).toList();
    }

    @Override
    public boolean isLive(DiskId disk) {
        return view.image()
                .storageDisk(disk)
                .filter(ClusterPlacement::takesAppends)
                .isPresent();
    }

    @Override
    public String domain(DiskId disk) {
        return view.image().storageDisk(disk).map(StorageDiskImage::domain).orElseGet(disk::toString);
    }

    private static boolean takesAppends(StorageDiskImage disk) {
        return disk.live() && disk.writable();
    }

    /** Goes round the ring, each time allowing one more disk of a domain, until there are enough. */
    private void pick(
            List<StorageDiskImage> candidates,
            int width,
            List<StorageDiskImage> chosen,
            Map<String, Integer> ofDomain) {
        List<StorageDiskImage> ring = ring(candidates);
        int remaining = ring.size();
        for (int allowed = 1; chosen.size() < width && remaining > 0; allowed++) {
            for (int i = 0; i < ring.size() && chosen.size() < width; i++) {
                StorageDiskImage disk = ring.get((int) (((long) start + i) % ring.size()));
                if (ofDomain.getOrDefault(disk.domain(), 0) < allowed && !chosen.contains(disk)) {
                    chosen.add(disk);
                    ofDomain.merge(disk.domain(), 1, Integer::sum);
                    remaining--;
                }
            }
        }
    }

    /** The first disk of each domain, then the second of each, and so on; in an order that all nodes agree on. */
    private static List<StorageDiskImage> ring(List<StorageDiskImage> disks) {
        List<StorageDiskImage> sorted = disks.stream()
                .sorted(Comparator.comparing(StorageDiskImage::domain).thenComparing(StorageDiskImage::disk))
                .toList();
        Map<String, Integer> seen = new HashMap<>();
        Map<StorageDiskImage, Integer> rank = new HashMap<>();
        for (StorageDiskImage disk : sorted) {
            rank.put(disk, seen.merge(disk.domain(), 1, Integer::sum));
        }
        return sorted.stream()
                .sorted(Comparator.comparing((StorageDiskImage disk) -> rank.getOrDefault(disk, 0)))
                .toList();
    }
}
