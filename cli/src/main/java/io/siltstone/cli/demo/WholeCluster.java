package io.siltstone.cli.demo;

import io.siltstone.cli.cluster.ClusterException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartitionInfo;

/**
 * Tells when a cluster is again as it was before one of its nodes was killed: each ingest node owns partitions, which
 * change their owner no more, and the groups are stable. Used from one thread.
 */
final class WholeCluster {
    private static final Duration TIMEOUT = Duration.ofSeconds(90);
    private static final long LOOK_EVERY_MS = 100;
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Admin admin;
    private final String topic;
    private final int ingestNodes;
    private final List<String> groups;

    /** The client stays the caller's. */
    WholeCluster(Admin admin, String topic, int ingestNodes, List<String> groups) {
        this.admin = admin;
        this.topic = topic;
        this.ingestNodes = ingestNodes;
        this.groups = List.copyOf(groups);
    }

    /** Returns when that has been so for a second. */
    void await() throws InterruptedException {
        long deadline = System.nanoTime() + TIMEOUT.toNanos();
        List<Integer> before = List.of();
        long calmSince = System.nanoTime();
        while (System.nanoTime() - calmSince < CALM_NANOS) {
            List<Integer> owners = owners();
            long now = System.nanoTime();
            if (!owners.equals(before) || !shared(owners) || !groupsAreStable()) {
                calmSince = now;
            }
            before = owners;
            if (now > deadline) {
                throw new ClusterException("after " + TIMEOUT.toSeconds()
                        + " s the cluster is not whole again; the partitions' owners are " + owners);
            }
            Thread.sleep(LOOK_EVERY_MS);
        }
    }

    private boolean shared(List<Integer> owners) {
        return owners.stream().filter(owner -> owner >= 0).distinct().count()
                >= Math.min(ingestNodes, Math.max(1, owners.size()));
    }

    /** Ids of the owners by partition, -1 for none; none at all where the cluster did not answer. */
    private List<Integer> owners() throws InterruptedException {
        try {
            TopicDescription found =
                    admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
            List<Integer> owners = new ArrayList<>();
            if (found != null) {
                for (TopicPartitionInfo partition : found.partitions()) {
                    owners.add(
                            partition.leader() == null ? -1 : partition.leader().id());
                }
            }
            return owners;
        } catch (ExecutionException e) {
            return List.of();
        }
    }

    private boolean groupsAreStable() throws InterruptedException {
        try {
            return admin.describeConsumerGroups(groups).all().get().values().stream()
                    .allMatch(group -> group.groupState() == GroupState.STABLE);
        } catch (ExecutionException e) {
            return false;
        }
    }
}
