package io.siltstone.client.source;

import io.siltstone.client.source.HistoryException.Kind;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * History of a running cluster, found by its Kafka bootstrap address alone: ingest nodes tell what is in the bucket and
 * sign links to it, what is not there yet is read as any consumer reads it.
 *
 * <p>Thread-safe.
 */
public final class KafkaSource implements HistorySource {

    private final Map<String, Object> config;
    private final Admin admin;
    private final HttpHistory stored;

    private KafkaSource(Map<String, Object> config, Admin admin) {
        this.config = config;
        this.admin = admin;
        HttpAddresses addresses = new HttpAddresses(admin);
        this.stored = new HttpHistory(addresses::get);
    }

    /** Connects to {@code host:port,...}. */
    public static KafkaSource connect(String bootstrap) {
        return connect(Map.of("bootstrap.servers", bootstrap));
    }

    /** Connects with the settings of a Kafka client, security among them; {@code bootstrap.servers} is a must. */
    public static KafkaSource connect(Map<String, Object> config) {
        return new KafkaSource(Map.copyOf(config), Admin.create(new HashMap<>(config)));
    }

    @Override
    public CompletableFuture<List<TopicInfo>> topics() {
        return answer(HttpAddresses.future(admin.listTopics().names())
                .thenCompose(names ->
                        HttpAddresses.future(admin.describeTopics(names).allTopicNames()))
                .thenApply(all -> all.values().stream().map(KafkaSource::info).toList()));
    }

    @Override
    public CompletableFuture<TopicInfo> topic(String name) {
        return answer(HttpAddresses.future(admin.describeTopics(List.of(name)).allTopicNames())
                .thenApply(found -> info(found.values().iterator().next())));
    }

    @Override
    public CompletableFuture<Map<TopicPartition, OffsetBounds>> bounds(Collection<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.earliest())
                .thenCombine(offsets(partitions, OffsetSpec.latest()), (starts, ends) -> {
                    Map<TopicPartition, OffsetBounds> bounds = new HashMap<>();
                    starts.forEach((partition, start) ->
                            bounds.put(partition, new OffsetBounds(start, ends.getOrDefault(partition, start))));
                    return bounds;
                });
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> offsetsAtTime(
            Collection<TopicPartition> partitions, long timestamp) {
        return offsets(partitions, OffsetSpec.forTimestamp(timestamp))
                .thenCombine(offsets(partitions, OffsetSpec.latest()), (found, ends) -> {
                    Map<TopicPartition, Long> offsets = new HashMap<>(ends);
                    found.forEach((partition, offset) -> {
                        if (offset >= 0) {
                            offsets.put(partition, offset);
                        }
                    });
                    return offsets;
                });
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
        return Optional.of(new KafkaLiveTail(this::consumer));
    }

    @Override
    public void close() {
        stored.close();
        admin.close();
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> settings = new HashMap<>(config);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.putIfAbsent(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1_000);
        settings.putIfAbsent(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 8 << 20);
        settings.remove(ConsumerConfig.GROUP_ID_CONFIG);
        return new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private CompletableFuture<Map<TopicPartition, Long>> offsets(
            Collection<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> wanted = new HashMap<>();
        partitions.forEach(partition -> wanted.put(partition, spec));
        return answer(HttpAddresses.future(admin.listOffsets(wanted).all()).thenApply(found -> {
            Map<TopicPartition, Long> offsets = new HashMap<>();
            for (Map.Entry<TopicPartition, ListOffsetsResultInfo> each : found.entrySet()) {
                offsets.put(each.getKey(), each.getValue().offset());
            }
            return offsets;
        }));
    }

    private static TopicInfo info(TopicDescription topic) {
        UUID id = new UUID(
                topic.topicId().getMostSignificantBits(), topic.topicId().getLeastSignificantBits());
        return new TopicInfo(topic.name(), id, topic.partitions().size());
    }

    private static <T> CompletableFuture<T> answer(CompletableFuture<T> asked) {
        return asked.exceptionally(failure -> {
            Throwable cause = HistoryException.unwrapped(failure);
            if (cause instanceof UnknownTopicOrPartitionException) {
                throw new HistoryException(Kind.UNKNOWN_TOPIC, String.valueOf(cause.getMessage()), cause);
            }
            if (cause instanceof KafkaException) {
                throw new HistoryException(
                        Kind.UNAVAILABLE, "the cluster does not answer: " + cause.getMessage(), cause);
            }
            throw HistoryException.asRuntime(failure);
        });
    }
}
