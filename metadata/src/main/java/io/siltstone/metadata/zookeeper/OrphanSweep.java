package io.siltstone.metadata.zookeeper;

import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes away the partition znodes that a crash in the middle of a creation or deletion left behind: of topics that bear
 * a deletion mark at once, of topics that never came to be when they were seen so for ten minutes. Confined to the
 * controller's thread; the removal itself runs on the store's threads.
 */
final class OrphanSweep {

    static final long PERIOD_MS = 30_000;

    private static final Logger LOG = LoggerFactory.getLogger(OrphanSweep.class);
    private static final long PATIENCE_MS = 600_000;

    private final StoreCalls calls;
    private final ZooKeeperTopics topics;
    private final LongSupplier nowMs;
    private final Map<UUID, Long> firstSeenMs = new HashMap<>();

    OrphanSweep(StoreCalls calls, ZooKeeperTopics topics, LongSupplier nowMs) {
        this.calls = calls;
        this.topics = topics;
        this.nowMs = nowMs;
    }

    void sweep(ClusterImage image) {
        Set<UUID> orphans = new HashSet<>();
        for (PartitionId partition : image.partitions().keySet()) {
            if (image.topic(partition.topic()).isEmpty()) {
                orphans.add(partition.topic());
            }
        }
        firstSeenMs.keySet().retainAll(orphans);
        for (UUID topic : orphans) {
            long seenMs = firstSeenMs.computeIfAbsent(topic, unused -> nowMs.getAsLong());
            if (image.deletedTopics().containsKey(topic) || nowMs.getAsLong() - seenMs >= PATIENCE_MS) {
                remove(topic);
            }
        }
    }

    private void remove(UUID topic) {
        var unused = calls.run(() -> removeUnlessThere(topic)).whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.warn("Cannot remove the partitions of topic {}; the next sweep tries again", topic, failure);
            }
        });
    }

    private void removeUnlessThere(UUID topic) throws Exception {
        if (!topics.exists(topic)) {
            topics.removePartitionZnodes(topic);
            LOG.info("Removed the partitions of topic {}, which is not there", topic);
        }
    }
}
