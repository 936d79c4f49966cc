package io.siltstone.client.source;

import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.kafka.common.TopicPartition;

/** History over HTTP as a running cluster gives it, with fakes for what the Kafka protocol tells. */
public final class HttpSource implements HistorySource {

    private final HttpHistory stored;
    private final Map<String, TopicInfo> topics;
    private final Function<TopicPartition, OffsetBounds> bounds;
    private final Optional<LiveTail> live;

    public HttpSource(
            URI address,
            Map<String, TopicInfo> topics,
            Function<TopicPartition, OffsetBounds> bounds,
            Optional<LiveTail> live) {
        this.stored = new HttpHistory(() -> CompletableFuture.completedFuture(List.of(address)));
        this.topics = topics;
        this.bounds = bounds;
        this.live = live;
    }

    @Override
    public CompletableFuture<List<TopicInfo>> topics() {
        return CompletableFuture.completedFuture(List.copyOf(topics.values()));
    }

    @Override
    public CompletableFuture<TopicInfo> topic(String name) {
        return CompletableFuture.completedFuture(topics.get(name));
    }

    @Override
    public CompletableFuture<Map<TopicPartition, OffsetBounds>> bounds(Collection<TopicPartition> partitions) {
        return CompletableFuture.completedFuture(
                partitions.stream().collect(java.util.stream.Collectors.toMap(partition -> partition, bounds)));
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> offsetsAtTime(
            Collection<TopicPartition> partitions, long timestamp) {
        return CompletableFuture.failedFuture(new UnsupportedOperationException("told by Kafka"));
    }

    @Override
    public CompletableFuture<HistoryPage> ranges(TopicPartition partition, long offset, int maxRanges) {
        return stored.ranges(partition, offset, maxRanges);
    }

    @Override
    public CompletableFuture<ByteBuffer> read(HistoryRange range, long position, int length) {
        return stored.read(range, position, length);
    }

    @Override
    public CompletableFuture<Optional<PartitionManifest>> manifest(TopicPartition partition) {
        return stored.manifest(partition);
    }

    @Override
    public CompletableFuture<Optional<String>> newestDescription(String topic) {
        return stored.newestDescription(topic);
    }

    @Override
    public CompletableFuture<Optional<String>> beyondNewestRoot(TopicPartition partition) {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    @Override
    public ObjectReader objects(TopicPartition partition) {
        return stored.objects(partition);
    }

    @Override
    public Optional<LiveTail> live() {
        return live;
    }

    @Override
    public void close() {
        stored.close();
    }
}
