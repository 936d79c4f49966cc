package io.siltstone.ingest.topic;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.PartitionImage;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.pcollections.PMap;

class LeadershipTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 0);

    @Test
    void theOwnerLeadsAndIsTheFirstOfAsManyLiveNodesAsReplicas() {
        assertThat(Leadership.of(image(node(2), null, 1, 2, 3), PARTITION, 2))
                .isEqualTo(new Leadership(2, 5, List.of(2, 1)));
        assertThat(Leadership.of(image(node(3), null, 1, 2, 3), PARTITION, 5))
                .isEqualTo(new Leadership(3, 5, List.of(3, 1, 2)));
        assertThat(Leadership.of(image(node(1), null, 1), PARTITION, 3)).isEqualTo(new Leadership(1, 5, List.of(1)));
    }

    @Test
    void whoIsAssignedLeadsBeforeItOwns() {
        assertThat(Leadership.of(image(node(1), node(2), 1, 2), PARTITION, 1))
                .isEqualTo(new Leadership(2, 5, List.of(2)));
    }

    @Test
    void nobodyLeadsWhereOwnerAndAssignedAreGoneOrStartedAgain() {
        assertThat(Leadership.of(image(node(4), null, 1, 2), PARTITION, 1))
                .isEqualTo(new Leadership(Leadership.NO_LEADER, 5, List.of(1)));
        assertThat(Leadership.of(image(new Owner(1, 8), null, 1), PARTITION, 1).leader())
                .isEqualTo(Leadership.NO_LEADER);
    }

    private static Owner node(int node) {
        return new Owner(node, 7);
    }

    private static ClusterImage image(@Nullable Owner owner, @Nullable Owner assigned, int... live) {
        ClusterImage empty = ClusterImage.empty("test");
        PMap<Integer, IngestNodeImage> nodes = empty.ingestNodes();
        for (int node : live) {
            nodes = nodes.plus(node, new IngestNodeImage(node(node), "localhost", 9092, "http://localhost", "", false));
        }
        PartitionState state = new PartitionState(5, owner, assigned, List.of(), null, 0, 0, 0);
        return new ClusterImage(
                empty.clusterId(),
                empty.topics(),
                empty.topicsById(),
                empty.partitions().plus(PARTITION, new PartitionImage(state, 1)),
                empty.deletedTopics(),
                nodes,
                empty.storageDisks(),
                null,
                Map.of(),
                empty.brokerConfigs());
    }
}
