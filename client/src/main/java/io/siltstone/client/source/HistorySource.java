package io.siltstone.client.source;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;

/**
 * Port: where history is read from. Futures fail with {@link HistoryException} or with a {@code
 * CorruptObjectException}; they complete on a thread of the source, where the caller must not block.
 */
public interface HistorySource extends AutoCloseable {

    CompletableFuture<List<TopicInfo>> topics();

    /** Fails with UNKNOWN_TOPIC where there is none of that name. */
    CompletableFuture<TopicInfo> topic(String name);

    CompletableFuture<Map<TopicPartition, OffsetBounds>> bounds(Collection<TopicPartition> partitions);

    /**
     * Per partition the first offset whose record has at least that timestamp; the end where there is none.
     *
     * @param timestamp in milliseconds
     */
    CompletableFuture<Map<TopicPartition, Long>> offsetsAtTime(Collection<TopicPartition> partitions, long timestamp);

    /**
     * The objects of the bucket from the one that holds the offset, or the first one behind it.
     *
     * @param maxRanges at least 1; fewer may come
     */
    CompletableFuture<HistoryPage> ranges(TopicPartition partition, long offset, int maxRanges);

    /** A part of an object. Fails with EXPIRED where its link does not work any more. */
    CompletableFuture<ByteBuffer> read(HistoryRange range, long position, int length);

    /** The newest manifest root; empty where nothing of the partition is in the bucket. */
    CompletableFuture<Optional<PartitionManifest>> manifest(TopicPartition partition);

    /** The key of the newest description of the topic; empty where nothing of the topic is in the bucket. */
    CompletableFuture<Optional<String>> newestDescription(String topic);

    /**
     * The key of an object in the bucket that the newest root does not name and a later one would: where the cluster is
     * not there to tell which root is the newest, it may have been removed. Empty where there is none, or where the
     * source knows the newest root for certain.
     */
    CompletableFuture<Optional<String>> beyondNewestRoot(TopicPartition partition);

    /** Reads any object of the partition, and the descriptions of its topic. */
    ObjectReader objects(TopicPartition partition);

    /** Opens a reader of what is not in the bucket; empty where there is nothing else. */
    Optional<LiveTail> live();

    @Override
    void close();
}
