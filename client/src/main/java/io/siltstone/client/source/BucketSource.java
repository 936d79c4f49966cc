package io.siltstone.client.source;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.Sha256;
import io.siltstone.format.manifest.ManifestCodec;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.manifest.RootRef;
import io.siltstone.format.segment.SegmentObjectReader;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.TopicPartition;

/**
 * History from a bucket alone, with the cluster off. A partition's newest root is the greatest that lies in the bucket
 * when it is first asked for; it is read once.
 *
 * <p>Thread-safe.
 */
public final class BucketSource implements HistorySource {

    private final Bucket bucket;
    private final TopicCatalog catalog;
    private final Map<TopicPartition, CompletableFuture<ManifestTree>> trees = new ConcurrentHashMap<>();

    /** The bucket is closed with this source. */
    public BucketSource(Bucket bucket) {
        this.bucket = bucket;
        this.catalog = new TopicCatalog(bucket);
    }

    @Override
    public CompletableFuture<List<TopicInfo>> topics() {
        return catalog.topics()
                .thenApply(topics -> topics.stream()
                        .map(found -> new TopicInfo(
                                found.topic().name(),
                                found.topic().topic(),
                                found.topic().partitions()))
                        .toList());
    }

    @Override
    public CompletableFuture<TopicInfo> topic(String name) {
        return catalog.topic(name)
                .thenCompose(found -> catalog.checkPartitions(found)
                        .thenApply(done -> new TopicInfo(
                                name, found.topic().topic(), found.topic().partitions())));
    }

    @Override
    public CompletableFuture<Map<TopicPartition, OffsetBounds>> bounds(Collection<TopicPartition> partitions) {
        Map<TopicPartition, CompletableFuture<OffsetBounds>> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(
                partition, tree(partition).thenApply(tree -> new OffsetBounds(tree.logStart(), tree.endOffset()))));
        return all(asked);
    }

    @Override
    public CompletableFuture<Map<TopicPartition, Long>> offsetsAtTime(
            Collection<TopicPartition> partitions, long timestamp) {
        Map<TopicPartition, CompletableFuture<Long>> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(
                partition,
                tree(partition)
                        .thenCompose(tree -> tree.lookupByTime(timestamp)
                                .toCompletableFuture()
                                .thenCompose(range -> range.isEmpty()
                                        ? CompletableFuture.completedFuture(tree.endOffset())
                                        : offsetAtTime(partition, range.get(), timestamp)))));
        return all(asked);
    }

    private CompletableFuture<Long> offsetAtTime(TopicPartition partition, ManifestRange range, long timestamp) {
        int tail = Math.toIntExact(range.bytes() - range.indexPosition());
        return read(range, range.indexPosition(), tail).thenCompose(bytes -> {
            SegmentObjectReader object = SegmentObjectReader.open(range, bytes);
            return object.index()
                    .blockByTime(timestamp)
                    .map(block -> read(range, block.position(), block.length()).thenApply(blockBytes -> {
                        object.verifyBatches(block, blockBytes);
                        return TimeScan.firstOffset(partition, blockBytes, timestamp)
                                .orElse(block.endOffset());
                    }))
                    .orElseGet(() -> CompletableFuture.completedFuture(range.endOffset()));
        });
    }

    @Override
    public CompletableFuture<HistoryPage> ranges(TopicPartition partition, long offset, int maxRanges) {
        return tree(partition)
                .thenCompose(tree -> tree.page(offset, maxRanges).thenApply(ranges -> {
                    boolean more =
                            !ranges.isEmpty() && ranges.get(ranges.size() - 1).endOffset() < tree.endOffset();
                    return new HistoryPage(
                            tree.logStart(),
                            tree.endOffset(),
                            ranges.stream()
                                    .map(range -> new HistoryRange(range, null))
                                    .toList(),
                            more);
                }));
    }

    @Override
    public CompletableFuture<ByteBuffer> read(HistoryRange range, long position, int length) {
        return bucket.read(range.object().key(), position, length);
    }

    private CompletableFuture<ByteBuffer> read(ManifestRange range, long position, int length) {
        return bucket.read(range.key(), position, length)
                .handle((bytes, failure) ->
                        failure == null ? bytes : present(range.key(), range.baseOffset(), failure));
    }

    @Override
    public CompletableFuture<Optional<PartitionManifest>> manifest(TopicPartition partition) {
        return catalog.topic(partition.topic()).thenCompose(topic -> newestRoot(topic.keys(partition.partition())));
    }

    @Override
    public CompletableFuture<Optional<String>> newestDescription(String topic) {
        return catalog.topic(topic)
                .thenApply(found -> Optional.of(found.cluster()
                        .topicDescription(found.topic().topic(), found.topic().version())));
    }

    @Override
    public CompletableFuture<Optional<String>> beyondNewestRoot(TopicPartition partition) {
        return catalog.topic(partition.topic())
                .thenCompose(topic -> topic.topic().isDeleted()
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : tree(partition)
                                .thenCompose(tree -> new UnnamedObjects(bucket, topic.keys(partition.partition()))
                                        .beyond(tree.root())));
    }

    @Override
    public ObjectReader objects(TopicPartition partition) {
        return bucket;
    }

    @Override
    public Optional<LiveTail> live() {
        return Optional.empty();
    }

    @Override
    public void close() {
        bucket.close();
    }

    private CompletableFuture<ManifestTree> tree(TopicPartition partition) {
        return trees.computeIfAbsent(
                partition,
                key -> catalog.topic(key.topic()).thenCompose(topic -> {
                    PartitionKeys keys = topic.keys(key.partition());
                    return newestRoot(keys)
                            .thenCompose(newest -> newest.isEmpty()
                                    ? CompletableFuture.completedFuture(ManifestTree.empty(keys, this::node))
                                    : readAll(newest.get().root().key()).thenApply(bytes -> {
                                        RootRef ref = newest.get().root();
                                        ManifestRoot root = new ManifestCodec(keys).decodeRoot(ref, bytes);
                                        return ManifestTree.of(keys, this::node, ref, root);
                                    }));
                }));
    }

    private CompletableFuture<Optional<PartitionManifest>> newestRoot(PartitionKeys keys) {
        return new LastKey(bucket)
                .under(keys.roots())
                .thenCompose(key -> key.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : readAll(key.get()).thenApply(bytes -> {
                            new ManifestCodec(keys).decodeRoot(key.get(), bytes);
                            return Optional.of(new PartitionManifest(keys, new RootRef(key.get(), Sha256.of(bytes))));
                        }));
    }

    private CompletableFuture<ByteBuffer> node(String key) {
        return readAll(key);
    }

    private CompletableFuture<ByteBuffer> readAll(String key) {
        return bucket.readAll(key)
                .handle((bytes, failure) -> failure == null ? bytes : present(key, NO_OFFSET, failure));
    }

    private static ByteBuffer present(String key, long offset, Throwable failure) {
        if (HistoryException.is(failure, Kind.MISSING)) {
            throw new CorruptObjectException(key, NO_BLOCK, offset, "the object is missing or too short");
        }
        throw HistoryException.asRuntime(failure);
    }

    private static <T> CompletableFuture<Map<TopicPartition, T>> all(Map<TopicPartition, CompletableFuture<T>> asked) {
        return CompletableFuture.allOf(asked.values().toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    Map<TopicPartition, T> answers = new HashMap<>();
                    asked.forEach((partition, answer) -> answers.put(partition, answer.join()));
                    return answers;
                });
    }
}
