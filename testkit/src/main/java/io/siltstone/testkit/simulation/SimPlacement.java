package io.siltstone.testkit.simulation;

import io.siltstone.log.DiskId;
import io.siltstone.log.writer.Placement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The disks that are up as one owner sees them, who may be late. */
final class SimPlacement implements Placement {

    private final World world;
    private final List<SimStorageNode> nodes;
    private final boolean zones;
    private List<DiskId> lastChosen = List.of();

    /**
     * A view of the nodes.
     *
     * @param zones whether the disks lie in two zones; else each is a failure domain of its own
     */
    SimPlacement(World world, List<SimStorageNode> nodes, boolean zones) {
        this.world = world;
        this.nodes = nodes;
        this.zones = zones;
    }

    /** What the owner may be about to register. */
    List<DiskId> lastChosen() {
        return lastChosen;
    }

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
        lastChosen = List.copyOf(wanted.subList(0, Math.min(width, wanted.size())));
        return lastChosen;
    }

    @Override
    public List<DiskId> chooseDespiteRoom(int width) {
        return choose(width, Set.of());
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
