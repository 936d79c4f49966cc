package io.siltstone.metadata.assignment;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Moves partitions one by one from who has most to who has fewest, until it is even: first within each topic, then over
 * all topics by moves that keep each topic even.
 *
 * <p>Why the second step always ends even: where one node has two more in all than another while no topic differs by
 * more than one between them, at least two topics differ in its favour, and one partition of such a topic may move.
 */
final class Balancer {

    private final Map<PartitionId, Owner> target;
    private final Assignment.Load load;
    private final TreeMap<UUID, Map<Owner, Deque<PartitionId>>> held = new TreeMap<>();

    /**
     * Starts from a complete assignment.
     *
     * @param target every partition with its node; moves are made in it
     */
    Balancer(Map<PartitionId, Owner> target, Collection<Owner> nodes) {
        this.target = target;
        this.load = new Assignment.Load(nodes);
        target.forEach((partition, owner) -> {
            load.add(partition.topic(), owner, 1);
            heldBy(partition.topic(), owner).addLast(partition);
        });
    }

    void evenTopics() {
        for (UUID topic : held.keySet()) {
            while (true) {
                Owner most = load.mostLoaded(topic);
                Owner fewest = load.leastLoaded(topic);
                if (load.ofTopic(topic, most) - load.ofTopic(topic, fewest) <= 1) {
                    break;
                }
                move(topic, most, fewest);
            }
        }
    }

    void evenTotals() {
        while (true) {
            Owner most = load.mostLoaded();
            Owner fewest = load.leastLoaded();
            if (load.total(most) - load.total(fewest) <= 1) {
                return;
            }
            UUID topic = held.keySet().stream()
                    .filter(candidate -> load.ofTopic(candidate, most) > load.ofTopic(candidate, fewest))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException(
                            most + " has more partitions than " + fewest + ", but of no topic"));
            move(topic, most, fewest);
        }
    }

    private void move(UUID topic, Owner from, Owner to) {
        PartitionId partition = heldBy(topic, from).removeLast();
        heldBy(topic, to).addLast(partition);
        load.add(topic, from, -1);
        load.add(topic, to, 1);
        target.put(partition, to);
    }

    private Deque<PartitionId> heldBy(UUID topic, Owner owner) {
        return held.computeIfAbsent(topic, unused -> new HashMap<>())
                .computeIfAbsent(owner, unused -> new ArrayDeque<>());
    }
}
