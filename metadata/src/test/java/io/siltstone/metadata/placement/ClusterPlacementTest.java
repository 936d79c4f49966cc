package io.siltstone.metadata.placement;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.metadata.ImagePublisher;
import io.siltstone.metadata.StorageDiskImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class ClusterPlacementTest {

    private final ImagePublisher cluster = new ImagePublisher("cluster", Runnable::run);
    private final ClusterPlacement placement = new ClusterPlacement(cluster, new Random(5));

    @Test
    void spreadsOverZones() {
        for (int i = 0; i < 4; i++) {
            add(i, "host-" + i, "zone-a");
        }
        add(4, "host-4", "zone-b");
        add(5, "host-5", "zone-c");

        for (int i = 0; i < 50; i++) {
            List<DiskId> chosen = placement.choose(3, Set.of());

            assertThat(chosen.stream().map(placement::domain)).containsExactlyInAnyOrder("zone-a", "zone-b", "zone-c");
        }
    }

    @Test
    void spreadsOverHostsWhereThereAreNoZones() {
        add(0, "host-a", "");
        add(1, "host-a", "");
        add(2, "host-b", "");
        add(3, "host-b", "");

        for (int i = 0; i < 50; i++) {
            List<DiskId> chosen = placement.choose(3, Set.of());

            assertThat(chosen).hasSize(3).doesNotHaveDuplicates();
            assertThat(chosen.stream().map(placement::domain)).contains("host-a", "host-b");
        }
    }

    @Test
    void usesDisksOfEquallyLargeZonesEqually() {
        for (int i = 0; i < 6; i++) {
            add(i, "host-" + i, "zone-" + i % 3);
        }
        Map<DiskId, Integer> counts = new HashMap<>();

        for (int i = 0; i < 200; i++) {
            placement.choose(3, Set.of()).forEach(disk -> counts.merge(disk, 1, Integer::sum));
        }

        assertThat(counts).hasSize(6);
        assertThat(counts.values()).allSatisfy(count -> assertThat(count).isBetween(99, 101));
    }

    @Test
    void avoidsDisksThatAreGoneOrFull() {
        DiskId good = add(0, "host-0", "").disk();
        StorageDiskImage gone = add(1, "host-1", "");
        StorageDiskImage full = add(2, "host-2", "");
        cluster.publish(edit -> {
            edit.putStorageDisk(gone.withLive(false));
            edit.putStorageDisk(full.withWritable(false));
        });

        assertThat(placement.choose(3, Set.of())).containsExactly(good);
        assertThat(placement.isLive(good)).isTrue();
        assertThat(placement.isLive(gone.disk())).isFalse();
        assertThat(placement.isLive(full.disk())).isFalse();
        assertThat(placement.chooseDespiteRoom(3)).containsExactly(good, full.disk());
        assertThat(placement.isLive(new DiskId(new UUID(9, 9)))).isFalse();
    }

    @Test
    void takesDiskThatFailedItsWriterOnlyWhereThereIsNothingElse() {
        List<DiskId> disks = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            disks.add(add(i, "host-" + i, "").disk());
        }
        Set<DiskId> failed = Set.of(disks.get(0));

        for (int i = 0; i < 20; i++) {
            assertThat(placement.choose(3, failed)).hasSize(3).doesNotContainAnyElementsOf(failed);
            assertThat(placement.choose(4, failed)).hasSize(4).containsAll(failed);
        }
    }

    @Test
    void givesNothingWhereThereIsNothing() {
        assertThat(placement.choose(3, Set.of())).isEmpty();
    }

    private StorageDiskImage add(int number, String host, String zone) {
        StorageDiskImage disk = new StorageDiskImage(
                new DiskId(new UUID(number, 1)), number, "storage-" + number, host, 7000, "", zone, true, true);
        cluster.publish(edit -> edit.putStorageDisk(disk));
        return disk;
    }
}
