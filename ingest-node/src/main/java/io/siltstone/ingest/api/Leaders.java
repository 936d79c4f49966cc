package io.siltstone.ingest.api;

import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.IngestNodeImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Who leads a partition as clients are to see it: its live owner, but during a hand-over whoever is assigned. Pure views
 * of the cluster's image.
 */
final class Leaders {

    private Leaders() {}

    /** Empty while no live node owns the partition or is to own it. */
    static Optional<IngestNodeImage> leader(ClusterImage image, PartitionState state) {
        Owner assigned = state.assigned();
        Optional<IngestNodeImage> wanted = image.ingestNode(assigned);
        return wanted.isPresent() ? wanted : image.ingestNode(state.owner());
    }

    /** The leader first, then other live nodes by id: as many as the topic has replicas, or as there are. */
    static List<Integer> replicas(ClusterImage image, Optional<IngestNodeImage> leader, int replicationFactor) {
        List<Integer> replicas = new ArrayList<>(replicationFactor);
        leader.ifPresent(node -> replicas.add(node.node()));
        image.ingestNodes().keySet().stream()
                .sorted()
                .filter(node -> !replicas.contains(node))
                .limit(Math.max(0, replicationFactor - replicas.size()))
                .forEach(replicas::add);
        return replicas;
    }

    /** Of a partition's znode that does not name one yet. */
    static int epoch(PartitionState state) {
        return Math.max(0, state.epoch());
    }
}
