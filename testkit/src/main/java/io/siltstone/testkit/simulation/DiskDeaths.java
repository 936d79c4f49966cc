package io.siltstone.testkit.simulation;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.PartitionState;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which disks may die for good without breaking what is promised: fewer than the ack quorum of each ensemble that the
 * chain names, that a compare-and-set under way would name, or that an owner has chosen and not yet sent.
 */
final class DiskDeaths {

    private record Ensemble(List<DiskId> disks, int ackQuorum) {}

    private final SimChainStore chains;
    private final List<SimPlacement> placements;
    private final List<SimStorageNode> nodes;
    private final int ackQuorum;

    /**
     * Looks at these lists as they grow.
     *
     * @param ackQuorum of the segments that owners choose disks for
     */
    DiskDeaths(SimChainStore chains, List<SimPlacement> placements, List<SimStorageNode> nodes, int ackQuorum) {
        this.chains = chains;
        this.placements = placements;
        this.nodes = nodes;
        this.ackQuorum = ackQuorum;
    }

    boolean mayDie(DiskId disk) {
        Stream<Ensemble> named = chains.possibleStates().stream().flatMap(DiskDeaths::ensembles);
        Stream<Ensemble> chosen = placements.stream().map(placement -> new Ensemble(placement.lastChosen(), ackQuorum));
        return Stream.concat(named, chosen)
                .filter(ensemble -> ensemble.disks().contains(disk))
                .allMatch(ensemble -> dead(ensemble) + 1 < ensemble.ackQuorum());
    }

    private static Stream<Ensemble> ensembles(PartitionState state) {
        return state.segments().stream()
                .map(segment ->
                        new Ensemble(segment.ensemble(), segment.quorum().ack()));
    }

    private long dead(Ensemble ensemble) {
        return ensemble.disks().stream()
                .filter(disk -> nodes.stream().noneMatch(node -> node.identity().equals(disk)))
                .count();
    }
}
