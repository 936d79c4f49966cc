package io.siltstone.client;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.HistorySource;
import io.siltstone.client.source.OffsetBounds;
import io.siltstone.client.source.PartitionManifest;
import io.siltstone.client.source.TopicInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.apache.kafka.common.TopicPartition;

/**
 * Which offsets of which partitions a replay reads, decided once when it starts.
 *
 * @param toTheEnd partitions of which all is wanted that is there behind the start
 */
record ReplayScope(Map<String, UUID> topics, Map<TopicPartition, Span> spans, Set<TopicPartition> toTheEnd) {

    private static final Comparator<TopicPartition> BY_NAME =
            Comparator.comparing(TopicPartition::topic).thenComparingInt(TopicPartition::partition);

    /** How many manifest roots, and how many nodes, are checked before a replay starts, of all its partitions. */
    private static final int CHECKED_ROOTS = 2_048;

    private static final int CHECKED_ROOTS_PER_PARTITION = 256;

    static ReplayScope resolve(ReplayBuilder builder) {
        ResumeToken token = builder.resume;
        ReplayScope scope = token == null ? ofTopics(builder) : ofToken(builder.source, token);
        checkManifests(builder.source, scope.spans().keySet());
        return scope;
    }

    private static ReplayScope ofToken(HistorySource source, ResumeToken token) {
        token.topics().forEach((name, id) -> {
            UUID found = join(source.topic(name)).id();
            if (!found.equals(id)) {
                throw new HistoryException(
                        Kind.GONE, "topic " + name + " was " + id + " when the token was taken and is " + found, null);
            }
        });
        return sorted(token.topics(), token.spans(), token.spans().keySet());
    }

    private static ReplayScope ofTopics(ReplayBuilder builder) {
        Map<String, UUID> topics = new TreeMap<>();
        List<TopicPartition> partitions = new ArrayList<>();
        builder.topics.forEach((name, some) -> {
            TopicInfo topic = join(builder.source.topic(name));
            topics.put(name, topic.id());
            partitionsOf(topic, some).forEach(partition -> partitions.add(new TopicPartition(name, partition)));
        });
        Map<TopicPartition, OffsetBounds> bounds = join(builder.source.bounds(partitions));
        Map<TopicPartition, Long> starts = offsets(builder.source, builder.from, bounds);
        Map<TopicPartition, Long> ends = offsets(builder.source, builder.to, bounds);
        Map<TopicPartition, Span> spans = new TreeMap<>(BY_NAME);
        Set<TopicPartition> toTheEnd = new HashSet<>();
        bounds.forEach((partition, bound) -> {
            long start = within(starts.getOrDefault(partition, bound.start()), bound);
            long end = within(ends.getOrDefault(partition, bound.end()), bound);
            spans.put(partition, new Span(start, Math.max(start, end)));
            if (end >= bound.end()) {
                toTheEnd.add(partition);
            }
        });
        return sorted(topics, spans, toTheEnd);
    }

    private static ReplayScope sorted(
            Map<String, UUID> topics, Map<TopicPartition, Span> spans, Set<TopicPartition> toTheEnd) {
        Map<TopicPartition, Span> sorted = new TreeMap<>(BY_NAME);
        sorted.putAll(spans);
        return new ReplayScope(topics, sorted, Set.copyOf(toTheEnd));
    }

    private static Iterable<Integer> partitionsOf(TopicInfo topic, Set<Integer> some) {
        some.forEach(partition -> {
            if (partition < 0 || partition >= topic.partitions()) {
                throw new HistoryException(
                        Kind.UNKNOWN_TOPIC,
                        "topic " + topic.name() + " has " + topic.partitions() + " partitions, no " + partition,
                        null);
            }
        });
        return some.isEmpty() ? IntStream.range(0, topic.partitions()).boxed().toList() : some;
    }

    private static Map<TopicPartition, Long> offsets(
            HistorySource source, Bound bound, Map<TopicPartition, OffsetBounds> bounds) {
        if (bound instanceof Bound.AtTime time) {
            return join(source.offsetsAtTime(bounds.keySet(), time.timestampMs()));
        }
        Map<TopicPartition, Long> offsets = new TreeMap<>(BY_NAME);
        bounds.forEach((partition, found) -> offsets.put(
                partition,
                bound instanceof Bound.AtOffset at
                        ? at.offset()
                        : bound instanceof Bound.Earliest ? found.start() : found.end()));
        return offsets;
    }

    private static long within(long offset, OffsetBounds bounds) {
        return Math.max(bounds.start(), Math.min(offset, bounds.end()));
    }

    private static void checkManifests(HistorySource source, Set<TopicPartition> partitions) {
        int most = Math.min(CHECKED_ROOTS_PER_PARTITION, Math.max(1, CHECKED_ROOTS / Math.max(1, partitions.size())));
        Map<TopicPartition, PartitionManifest> manifests = new ConcurrentHashMap<>();
        join(CompletableFuture.allOf(partitions.stream()
                .map(partition -> source.manifest(partition).thenCompose(found -> {
                    found.ifPresent(manifest -> manifests.put(partition, manifest));
                    return found.map(manifest -> new RootChain(source.objects(partition), manifest).walk(most))
                            .orElseGet(() -> CompletableFuture.completedFuture(0L));
                }))
                .toArray(CompletableFuture<?>[]::new)));
        Map<String, TopicPartition> lastOfTopics = new TreeMap<>();
        manifests.keySet().stream().sorted(BY_NAME).forEach(each -> lastOfTopics.put(each.topic(), each));
        join(CompletableFuture.allOf(lastOfTopics.values().stream()
                .map(last -> DescriptionCheck.check(source, last, Objects.requireNonNull(manifests.get(last)), most))
                .toArray(CompletableFuture<?>[]::new)));
    }

    static <T> T join(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (RuntimeException e) {
            throw HistoryException.asRuntime(e);
        }
    }
}
