package io.siltstone.metadata.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AssignmentTest {

    private static final int SEEDS = 300;

    @Test
    void assignsNothingWithoutNodes() {
        Map<PartitionId, @Nullable Owner> current = topics(1, 4);

        assertThat(Assignment.place(current, List.of())).isEmpty();
        assertThat(Assignment.balance(current, List.of())).isEmpty();
    }

    @Test
    void spreadsNewTopicsEvenly() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Owner> nodes = nodes(1 + random.nextInt(8));
            Map<PartitionId, @Nullable Owner> current = randomTopics(random);

            current.putAll(Assignment.place(current, nodes));

            assertThat(current.values()).as("seed %d", seed).doesNotContainNull();
            assertTopicsEven(current, nodes, "seed " + seed);
        }
    }

    @Test
    void balancesAnyAssignmentAndThenLeavesItAlone() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Owner> nodes = nodes(1 + random.nextInt(8));
            Map<PartitionId, @Nullable Owner> current = randomTopics(random);
            current.replaceAll((partition, none) -> random.nextInt(5) == 0
                    ? new Owner(100, 1)
                    : nodes.get(random.nextInt(1 + random.nextInt(nodes.size()))));

            Map<PartitionId, Owner> moves = Assignment.balance(current, nodes);
            Map<PartitionId, Owner> same = Assignment.balance(new HashMap<>(current), nodes);
            current.putAll(moves);

            assertThat(same).as("seed %d is stable", seed).isEqualTo(moves);
            assertTopicsEven(current, nodes, "seed " + seed);
            assertTotalsEven(current, nodes, "seed " + seed);
            assertThat(Assignment.balance(current, nodes)).as("seed %d", seed).isEmpty();
            assertThat(Assignment.place(current, nodes)).as("seed %d", seed).isEmpty();
        }
    }

    @Test
    void movesOnlyThePartitionsOfLostNode() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Owner> nodes = new ArrayList<>(nodes(2 + random.nextInt(7)));
            Map<PartitionId, @Nullable Owner> current = balanced(randomTopics(random), nodes);
            Owner lost = nodes.remove(random.nextInt(nodes.size()));

            Map<PartitionId, Owner> moves = Assignment.place(current, nodes);

            assertThat(moves).as("seed %d", seed).hasSize((int)
                    current.values().stream().filter(lost::equals).count());
            moves.keySet().forEach(partition -> assertThat(current).containsEntry(partition, lost));
        }
    }

    @Test
    void movesNoMoreThanJoiningNodeShouldHave() {
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            List<Owner> nodes = nodes(2 + random.nextInt(7));
            List<Owner> before = nodes.subList(0, nodes.size() - 1);
            Owner joined = nodes.get(nodes.size() - 1);
            Map<PartitionId, @Nullable Owner> current = balanced(topics(1 + random.nextInt(4), 12), before);

            Map<PartitionId, Owner> moves = Assignment.balance(current, nodes);
            current.putAll(moves);

            long share = current.values().stream().filter(joined::equals).count();
            assertThat((long) moves.size()).as("seed %d", seed).isLessThanOrEqualTo(share + nodes.size());
            assertTotalsEven(current, nodes, "seed " + seed);
        }
    }

    @Test
    void givesRestartedNodeItsOwnPartitionsBack() {
        List<Owner> nodes = nodes(3);
        Map<PartitionId, @Nullable Owner> current = balanced(topics(2, 9), nodes);
        Owner restarted = new Owner(2, 999);
        List<Owner> after = List.of(nodes.get(0), restarted, nodes.get(2));

        Map<PartitionId, Owner> moves = Assignment.place(current, after);

        assertThat(moves).hasSize(6).allSatisfy((partition, owner) -> {
            assertThat(owner).isEqualTo(restarted);
            assertThat(current).containsEntry(partition, nodes.get(1));
        });
    }

    @Test
    void decidesForTenThousandPartitionsInAMoment() {
        List<Owner> nodes = new ArrayList<>(nodes(10));
        Map<PartitionId, @Nullable Owner> current = balanced(topics(100, 100), nodes);
        nodes.remove(3);

        long start = System.nanoTime();
        Map<PartitionId, Owner> moves = Assignment.place(current, nodes);
        long tookMs = (System.nanoTime() - start) / 1_000_000;

        assertThat(moves).hasSize(1000);
        assertThat(tookMs).isLessThan(1000);
    }

    private static List<Owner> nodes(int count) {
        List<Owner> nodes = new ArrayList<>();
        for (int node = 1; node <= count; node++) {
            nodes.add(new Owner(node, node * 11L));
        }
        return nodes;
    }

    private static Map<PartitionId, @Nullable Owner> topics(int topics, int partitions) {
        Map<PartitionId, @Nullable Owner> all = new HashMap<>();
        for (int topic = 0; topic < topics; topic++) {
            for (int partition = 0; partition < partitions; partition++) {
                all.put(new PartitionId(new UUID(topic, 7), partition), null);
            }
        }
        return all;
    }

    private static Map<PartitionId, @Nullable Owner> randomTopics(Random random) {
        Map<PartitionId, @Nullable Owner> all = new HashMap<>();
        int topics = 1 + random.nextInt(6);
        for (int topic = 0; topic < topics; topic++) {
            int partitions = 1 + random.nextInt(20);
            for (int partition = 0; partition < partitions; partition++) {
                all.put(new PartitionId(new UUID(topic, random.nextLong()), 0), null);
                all.put(new PartitionId(new UUID(topic, 7), partition), null);
            }
        }
        return all;
    }

    private static Map<PartitionId, @Nullable Owner> balanced(
            Map<PartitionId, @Nullable Owner> current, List<Owner> nodes) {
        current.putAll(Assignment.balance(current, nodes));
        return current;
    }

    private static void assertTopicsEven(Map<PartitionId, @Nullable Owner> current, List<Owner> nodes, String what) {
        Map<UUID, List<Owner>> byTopic = new HashMap<>();
        current.forEach((partition, owner) -> byTopic.computeIfAbsent(partition.topic(), unused -> new ArrayList<>())
                .add(owner));
        byTopic.forEach((topic, owners) -> assertEven(owners, nodes, what + ", topic " + topic));
    }

    private static void assertTotalsEven(Map<PartitionId, @Nullable Owner> current, List<Owner> nodes, String what) {
        assertEven(new ArrayList<>(current.values()), nodes, what + ", in all");
    }

    private static void assertEven(List<@Nullable Owner> owners, List<Owner> nodes, String what) {
        long most = 0;
        long fewest = Long.MAX_VALUE;
        for (Owner node : nodes) {
            long count = owners.stream().filter(node::equals).count();
            most = Math.max(most, count);
            fewest = Math.min(fewest, count);
        }
        assertThat(most - fewest).as(what).isLessThanOrEqualTo(1);
    }
}
