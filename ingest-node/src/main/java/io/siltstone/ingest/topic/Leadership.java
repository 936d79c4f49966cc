package io.siltstone.ingest.topic;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.PartitionImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A partition's place as Kafka clients are told it: the node that is to own it leads, which during a hand-over is the next
 * owner, and live ingest nodes stand for the copies, though those lie on storage nodes.
 *
 * @param leader broker id; -1 where no live node owns the partition or is to own it
 * @param epoch Kafka's leader epoch; -1 before the first owner
 * @param replicas broker ids, the leader first; as many as there are copies and live ingest nodes
 */
public record Leadership(int leader, int epoch, List<Integer> replicas) {

    public static final int NO_LEADER = -1;

    public Leadership {
        replicas = List.copyOf(replicas);
    }

    public static Leadership of(ClusterImage image, PartitionId partition, int replicationFactor) {
        Optional<PartitionState> state = image.partition(partition).map(PartitionImage::state);
        int leader = state.flatMap(known -> leader(image, known))
                .map(IngestNodeImage::node)
                .orElse(NO_LEADER);
        return new Leadership(
                leader,
                state.map(PartitionState::epoch).orElse(-1),
                replicas(image, leader, partition.partition(), replicationFactor));
    }

    /** Whoever is assigned, else the owner; empty where neither lives. */
    public static Optional<IngestNodeImage> leader(ClusterImage image, PartitionState state) {
        Optional<IngestNodeImage> assigned = image.ingestNode(state.assigned());
        return assigned.isPresent() ? assigned : image.ingestNode(state.owner());
    }

    private static List<Integer> replicas(ClusterImage image, int leader, int partition, int replicationFactor) {
        List<Integer> live = image.ingestNodes().keySet().stream().sorted().toList();
        List<Integer> replicas = new ArrayList<>();
        if (leader != NO_LEADER) {
            replicas.add(leader);
        }
        for (int i = 0; i < live.size() && replicas.size() < replicationFactor; i++) {
            int node = live.get((partition + i) % live.size());
            if (node != leader) {
                replicas.add(node);
            }
        }
        return replicas;
    }
}
