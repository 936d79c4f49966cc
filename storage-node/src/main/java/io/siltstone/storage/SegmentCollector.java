package io.siltstone.storage;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.MetadataStore;
import io.siltstone.storage.server.StorageServer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drops what the disk need not hold any more (rules 13 and 14). Owned by one thread, which calls {@link #look}
 * periodically.
 *
 * <p>It acts on positive facts alone: a partition's {@code trimBelow}, a topic's deletion mark. A partition that is
 * absent says nothing. A fact counts from the second look on, which is the grace that readers get.
 */
final class SegmentCollector {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentCollector.class);
    private static final long EVERYTHING = Long.MAX_VALUE;
    private static final long ANSWER_TIMEOUT_MS = 20_000;

    private final DiskId disk;
    private final StorageServer server;
    private final MetadataStore store;
    private final ClusterView view;
    private Map<PartitionId, Long> seen = new HashMap<>();

    SegmentCollector(DiskId disk, StorageServer server, MetadataStore store, ClusterView view) {
        this.disk = disk;
        this.server = server;
        this.store = store;
        this.view = view;
    }

    /** Looks at every partition of which the disk holds a segment, and at the marks of deleted topics. */
    void look() throws InterruptedException {
        try {
            List<PartitionId> held = await(server.heldPartitions());
            ClusterImage image = view.image();
            Map<PartitionId, Long> facts = new HashMap<>();
            for (PartitionId partition : held) {
                long below = droppableBelow(image, partition);
                long known = seen.getOrDefault(partition, 0L);
                if (known > 0) {
                    await(server.drop(partition, known));
                }
                if (below > known) {
                    facts.put(partition, below);
                }
            }
            seen = facts;
            confirmDropped();
        } catch (ExecutionException | TimeoutException | CompletionException later) {
            LOG.warn("Collection stopped half-way and goes on at the next look: {}", later.toString());
        }
    }

    /** The image may be old, but what it says may be dropped stays so for ever. */
    private static long droppableBelow(ClusterImage image, PartitionId partition) {
        if (image.deletedTopics().containsKey(partition.topic())) {
            return EVERYTHING;
        }
        return image.partition(partition).map(seen -> seen.state().trimBelow()).orElse(0L);
    }

    /** A topic of which nothing is held is confirmed; so is one that this disk never saw. */
    private void confirmDropped() throws InterruptedException, ExecutionException, TimeoutException {
        ClusterImage image = view.image();
        List<UUID> held = await(server.heldPartitions()).stream()
                .map(PartitionId::topic)
                .distinct()
                .toList();
        for (DeletedTopicImage topic : image.deletedTopics().values()) {
            if (topic.droppedBy().contains(disk) || held.contains(topic.id())) {
                continue;
            }
            for (int partition = 0; partition < topic.partitionCount(); partition++) {
                // Durably, so that no writer that wakes late begins a segment here.
                await(server.drop(new PartitionId(topic.id(), partition), EVERYTHING));
            }
            await(store.confirmDropped(topic.id(), disk));
        }
    }

    private static <T> T await(CompletableFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(ANSWER_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }
}
