package io.siltstone.metadata.assignment;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Decides which node each partition should be assigned to. Pure and stable: the same input gives the same answer, and
 * applying the answer leaves nothing to do.
 *
 * <p>Even means: of all partitions, and of each topic's, no node has two more than another.
 */
public final class Assignment {

    private Assignment() {}

    /**
     * Gives a node to each partition that has none among the nodes, and moves no other: a restarted node gets its own
     * back, the rest go to whoever has fewest of the topic, then fewest of all.
     *
     * @param current each partition's assigned node; null for none
     * @param nodes those that may own partitions
     * @return the partitions that change, with their new node; empty where there are no nodes
     */
    public static Map<PartitionId, Owner> place(Map<PartitionId, @Nullable Owner> current, Collection<Owner> nodes) {
        Map<PartitionId, Owner> moves = new TreeMap<>();
        if (nodes.isEmpty()) {
            return moves;
        }
        Load load = new Load(nodes);
        List<PartitionId> homeless = new ArrayList<>();
        current.forEach((partition, owner) -> {
            if (owner != null && load.knows(owner)) {
                load.add(partition.topic(), owner, 1);
            } else {
                homeless.add(partition);
            }
        });
        homeless.sort(Comparator.naturalOrder());
        Map<Integer, Owner> byNode = new HashMap<>();
        nodes.forEach(owner -> byNode.put(owner.node(), owner));
        homeless.removeIf(partition -> {
            Owner before = current.get(partition);
            Owner restarted = before == null ? null : byNode.get(before.node());
            if (restarted == null) {
                return false;
            }
            load.add(partition.topic(), restarted, 1);
            moves.put(partition, restarted);
            return true;
        });
        for (PartitionId partition : homeless) {
            Owner owner = load.leastLoaded(partition.topic());
            load.add(partition.topic(), owner, 1);
            moves.put(partition, owner);
        }
        return moves;
    }

    /**
     * Makes the assignment even, with few moves.
     *
     * @param current each partition's assigned node; null for none
     * @param nodes those that may own partitions
     * @return the partitions that change, with their new node; empty where there are no nodes
     */
    public static Map<PartitionId, Owner> balance(Map<PartitionId, @Nullable Owner> current, Collection<Owner> nodes) {
        if (nodes.isEmpty()) {
            return Map.of();
        }
        Map<PartitionId, Owner> target = new TreeMap<>();
        current.forEach((partition, owner) -> {
            if (owner != null && nodes.contains(owner)) {
                target.put(partition, owner);
            }
        });
        target.putAll(place(current, nodes));
        Balancer balancer = new Balancer(target, nodes);
        balancer.evenTopics();
        balancer.evenTotals();
        Map<PartitionId, Owner> moves = new TreeMap<>();
        target.forEach((partition, owner) -> {
            if (!owner.equals(current.get(partition))) {
                moves.put(partition, owner);
            }
        });
        return moves;
    }

    /** How many partitions each node has, of each topic and in all. */
    static final class Load {

        private static final Comparator<Owner> BY_NODE =
                Comparator.comparingInt(Owner::node).thenComparingLong(Owner::incarnation);

        private final TreeMap<Owner, Integer> totals = new TreeMap<>(BY_NODE);
        private final Map<UUID, Map<Owner, Integer>> byTopic = new HashMap<>();

        Load(Collection<Owner> nodes) {
            nodes.forEach(owner -> totals.put(owner, 0));
        }

        boolean knows(Owner owner) {
            return totals.containsKey(owner);
        }

        Collection<Owner> nodes() {
            return totals.keySet();
        }

        void add(UUID topic, Owner owner, int count) {
            totals.merge(owner, count, Integer::sum);
            byTopic.computeIfAbsent(topic, unused -> new HashMap<>()).merge(owner, count, Integer::sum);
        }

        int total(Owner owner) {
            return totals.getOrDefault(owner, 0);
        }

        int ofTopic(UUID topic, Owner owner) {
            return byTopic.getOrDefault(topic, Map.of()).getOrDefault(owner, 0);
        }

        Owner leastLoaded(UUID topic) {
            return totals.keySet().stream()
                    .min(Comparator.comparingInt((Owner owner) -> ofTopic(topic, owner))
                            .thenComparingInt(this::total))
                    .orElseThrow();
        }

        Owner mostLoaded(UUID topic) {
            return totals.keySet().stream()
                    .max(Comparator.comparingInt((Owner owner) -> ofTopic(topic, owner))
                            .thenComparingInt(this::total))
                    .orElseThrow();
        }

        Owner leastLoaded() {
            return totals.keySet().stream()
                    .min(Comparator.comparingInt(this::total))
                    .orElseThrow();
        }

        Owner mostLoaded() {
            return totals.keySet().stream()
                    .max(Comparator.comparingInt(this::total))
                    .orElseThrow();
        }
    }
}
