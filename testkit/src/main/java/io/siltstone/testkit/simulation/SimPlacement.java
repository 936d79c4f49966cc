package io.siltstone.testkit.simulation;

import io.siltstone.log.DiskId;
import io.siltstone.log.writer.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The disks that are up as somebody sees them who may be late.
 *
 * @param zones whether the disks lie in two zones; else each is a failure domain of its own
 */
record SimPlacement(World world, List<SimStorageNode> nodes, boolean zones) implements Placement {

    @Override
    public List<DiskId> choose(int width, Set<DiskId> avoid) {
        List<DiskId> wanted = new ArrayList<>();
        List<DiskId> others = new ArrayList<>();
        int first = world.random().nextInt(nodes.size());
        for (int i = 0; i < nodes.size(); i++) {
            SimStorageNode node = nodes.get((first + i) % nodes.size());
            if (node.isUp() || world.chance(0.05)) {
                (avoid.contains(node.identity()) ? others : wanted).add(node.identity());
            }
        }
        wanted.addAll(others);
        return wanted.subList(0, Math.min(width, wanted.size()));
    }

    @Override
    public boolean isLive(DiskId disk) {
        return nodes.stream().anyMatch(node -> node.identity().equals(disk) && node.isUp());
    }

    @Override
    public String domain(DiskId disk) {
        for (int i = 0; zones && i < nodes.size(); i++) {
            if (nodes.get(i).identity().equals(disk)) {
                return "zone-" + i % 2;
            }
        }
        return disk.toString();
    }
}
