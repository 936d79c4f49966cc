package io.siltstone.metadata;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/** Port: topics and the end of topics. Futures fail with {@link MetadataException}. */
public interface TopicStore {

    /**
     * Creates a topic, with all its partitions or not at all.
     *
     * @param configs settings that differ from the defaults; validated by the caller
     * @return fails with {@link MetadataException.TopicExists} or {@link MetadataException.Invalid} (name)
     */
    CompletableFuture<TopicImage> createTopic(String name, int partitions, Map<String, String> configs);

    /**
     * Raises the number of partitions.
     *
     * @return fails with {@link MetadataException.NotFound}, or {@link MetadataException.Invalid} where it would not grow
     */
    CompletableFuture<TopicImage> createPartitions(UUID topic, int newCount);

    /**
     * Replaces a topic's settings by what the change makes of the newest ones; it may be called again after a race.
     *
     * @return fails with {@link MetadataException.NotFound}, or with what the change throws
     */
    CompletableFuture<TopicImage> alterTopicConfigs(UUID topic, UnaryOperator<Map<String, String>> change);

    /** Marks the topic deleted and takes it out of the cluster, in one step. Done already is success. */
    CompletableFuture<Void> deleteTopic(UUID topic);

    /** Reads a partition behind a sync; what storage nodes and collectors act on. */
    CompletableFuture<PartitionReading> readPartition(PartitionId partition);

    /** A disk says that it holds nothing of a deleted topic any more. No mark any more is success. */
    CompletableFuture<Void> confirmDropped(UUID topic, DiskId disk);

    /**
     * Takes the deletion mark away.
     *
     * @return fails with {@link MetadataException.Invalid} while a registered disk has not confirmed (rule 14)
     */
    CompletableFuture<Void> forgetDeletedTopic(UUID topic);
}
