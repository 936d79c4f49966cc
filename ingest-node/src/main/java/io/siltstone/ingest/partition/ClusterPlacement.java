package io.siltstone.ingest.partition;

import io.siltstone.log.DiskId;
import io.siltstone.log.client.DiskAddress;
import io.siltstone.log.client.DiskDirectory;
import io.siltstone.log.writer.Placement;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.StorageDiskImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Which disks a segment goes to, and where disks are, by the cluster's image. Confined to the event loop that uses it.
 *
 * <p>Takes failure domains in random order and one disk of each in turn, so that copies are spread over domains and
 * segments over disks.
 */
public final class ClusterPlacement implements Placement, DiskDirectory {

    private final ClusterView view;
    private final Random random;

    public ClusterPlacement(ClusterView view, Random random) {
        this.view = view;
        this.random = random;
    }

    @Override
    public List<DiskId> choose(int width, Set<DiskId> avoid) {
        List<StorageDiskImage> writable = new ArrayList<>();
        List<StorageDiskImage> lastResort = new ArrayList<>();
        for (StorageDiskImage disk : view.image().storageDisks().values()) {
            if (disk.live() && disk.writable()) {
                (avoid.contains(disk.disk()) ? lastResort : writable).add(disk);
            }
        }
        List<DiskId> chosen = new ArrayList<>(width);
        takeSpread(writable, width, chosen);
        takeSpread(lastResort, width, chosen);
        return chosen;
    }

    private void takeSpread(List<StorageDiskImage> disks, int width, List<DiskId> chosen) {
        Collections.shuffle(disks, random);
        Map<String, ArrayDeque<DiskId>> byDomain = new HashMap<>();
        disks.forEach(disk -> byDomain
                .computeIfAbsent(disk.domain(), domain -> new ArrayDeque<>())
                .add(disk.disk()));
        List<ArrayDeque<DiskId>> domains = new ArrayList<>(byDomain.values());
        Collections.shuffle(domains, random);
        while (chosen.size() < width && !domains.isEmpty()) {
            for (ArrayDeque<DiskId> domain : domains) {
                if (chosen.size() < width && !domain.isEmpty()) {
                    chosen.add(domain.remove());
                }
            }
            domains.removeIf(ArrayDeque::isEmpty);
        }
    }

    @Override
    public boolean isLive(DiskId disk) {
        return view.image()
                .storageDisk(disk)
                .filter(image -> image.live() && image.writable())
                .isPresent();
    }

    @Override
    public String domain(DiskId disk) {
        return view.image()
                .storageDisk(disk)
                .map(StorageDiskImage::domain)
                .orElse(disk.toString());
    }

    @Override
    public Optional<DiskAddress> locate(DiskId disk) {
        return view.image().storageDisk(disk).map(image -> new DiskAddress(image.host(), image.port()));
    }

    /** How many disks take appends now. */
    public int writableDisks() {
        int writable = 0;
        for (StorageDiskImage disk : view.image().storageDisks().values()) {
            if (disk.live() && disk.writable()) {
                writable++;
            }
        }
        return writable;
    }
}
