package io.siltstone.ingest.admin;

import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicStore;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.internals.Topic;

/** Creates topics: fills in defaults, checks, stores, and waits until the partitions can be written. Thread-safe. */
public final class TopicCreation {

    /** What a client asks for where it wants the default. */
    static final int DEFAULT = -1;

    /** An answer is given this early, though partitions are not open yet: the topic is there all the same. */
    private static final long MAX_WAIT_MS = 10_000;

    private final TopicStore store;
    private final ClusterView view;
    private final TopicDefaults defaults;

    TopicCreation(TopicStore store, ClusterView view, TopicDefaults defaults) {
        this.store = store;
        this.view = view;
        this.defaults = defaults;
    }

    /** Creates a topic with default settings because somebody used its name ({@code auto.create.topics.enable}). */
    public CompletableFuture<TopicImage> createWithDefaults(String name) {
        try {
            return store(check(name, DEFAULT, DEFAULT, Map.of()));
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /**
     * Returns the topic with its defaults filled in.
     *
     * @param partitions {@link #DEFAULT}, or at least 1
     * @param replicationFactor {@link #DEFAULT}, or 1 to the number of storage nodes
     * @throws org.apache.kafka.common.errors.ApiException if it must not be created so
     * @throws org.apache.kafka.common.config.ConfigException if a setting is not of its type or range
     */
    NewTopic check(String name, int partitions, int replicationFactor, Map<String, String> configs) {
        checkName(name);
        if (partitions != DEFAULT && partitions < 1) {
            throw new InvalidPartitionsException("Number of partitions was set to an invalid non-positive value.");
        }
        defaults.validate(configs);
        return new NewTopic(
                name,
                partitions == DEFAULT ? defaults.partitions() : partitions,
                replicationFactor == DEFAULT ? defaults.replicationFactor() : checkedFactor(replicationFactor),
                configs);
    }

    CompletableFuture<TopicImage> store(NewTopic topic) {
        return store.createTopic(topic.name(), topic.partitions(), topic.storedConfigs());
    }

    /**
     * Completes once every partition is open, or when the client will not wait much longer.
     *
     * @param timeoutMs how long the client waits for its answer
     */
    CompletableFuture<Boolean> awaitOpen(TopicImage topic, int timeoutMs) {
        return ImageWait.until(view, image -> isOpen(image, topic), Math.min(timeoutMs / 2, MAX_WAIT_MS));
    }

    private static boolean isOpen(ClusterImage image, TopicImage topic) {
        for (int partition = 0; partition < topic.partitionCount(); partition++) {
            boolean open = image.partition(new PartitionId(topic.id(), partition))
                    .filter(known -> image.isLive(known.state().owner()))
                    .flatMap(known -> known.state().last())
                    .filter(ChainSegment.Open.class::isInstance)
                    .isPresent();
            if (!open) {
                return false;
            }
        }
        return true;
    }

    private void checkName(String name) {
        Topic.validate(name);
        ClusterImage image = view.image();
        if (image.topic(name).isPresent()) {
            throw new TopicExistsException("Topic '" + name + "' already exists.");
        }
        if (!Topic.hasCollisionChars(name)) {
            return;
        }
        image.topics().keySet().stream()
                .filter(other -> Topic.hasCollision(name, other))
                .findFirst()
                .ifPresent(other -> {
                    throw new InvalidTopicException("Topic '" + name + "' collides with existing topic: " + other);
                });
    }

    private int checkedFactor(int factor) {
        if (factor < 1) {
            throw new InvalidReplicationFactorException(
                    "Replication factor must be larger than 0, or -1 for the default.");
        }
        long storageNodes = view.image().storageDisks().values().stream()
                .map(StorageDiskImage::node)
                .distinct()
                .count();
        if (factor > storageNodes) {
            throw new InvalidReplicationFactorException("Unable to replicate the partition " + factor
                    + " time(s): there are " + storageNodes + " storage node(s).");
        }
        return factor;
    }
}
