package io.siltstone.tiering.history;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.netty.buffer.ByteBuf;
import io.siltstone.format.BatchHeader;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.EpochStart;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.segment.BlockEntry;
import io.siltstone.format.segment.SegmentObjectReader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.tiering.store.ObjectStore;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Reads partitions' history from the bucket for all who ask on a node. Every block's checksum is compared before a byte
 * of it is given; what is given is a view of the cached chunk, never a copy. Thread-safe; futures complete on threads of
 * the store, or at once.
 *
 * <p>Futures fail with {@link CorruptObjectException}, which names object, block and offset, or with
 * {@link io.siltstone.tiering.store.ObjectStoreException} where the bucket cannot be read now.
 */
public final class HistoryReader implements AutoCloseable {

    private static final long MAX_INDEX_BLOCKS = 500_000;

    private final ObjectStore store;
    private final HistorySettings settings;
    private final Manifests manifests;
    private final LoadedOnce<ChunkedObject> objects;
    private final ChunkCache chunks;

    public HistoryReader(ObjectStore store, BucketKeys keys, HistorySettings settings) {
        this.store = store;
        this.settings = settings;
        this.manifests = new Manifests(store, keys, settings.maxManifestBytes());
        this.chunks = new ChunkCache(store, settings.maxBytes(), settings.keepsRead());
        this.objects = new LoadedOnce<>(Caffeine.newBuilder()
                .maximumWeight(MAX_INDEX_BLOCKS)
                .weigher((String key, ChunkedObject object) ->
                        object.reader().index().blocks().size())
                .executor(Runnable::run)
                .build());
    }

    /**
     * Whole batches from the one that holds the offset, or the first behind it where there is a gap.
     *
     * @param manifest the committed version, as the znode names it
     * @param offset at or above the log start; below the manifest's end offset
     * @param maxBytes the slice is at most this large, but holds one batch at least
     * @return empty where the bucket holds nothing at or after the offset
     */
    public CompletableFuture<Optional<HistorySlice>> read(
            PartitionId partition, ManifestPointer manifest, long offset, int maxBytes) {
        return manifests
                .range(partition, manifest, offset)
                .thenCompose(range -> range.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.<HistorySlice>empty())
                        : open(range.get()).thenCompose(object -> {
                            BlockEntry block = object.reader()
                                    .index()
                                    .blockByOffset(offset)
                                    .orElse(null);
                            if (block == null) { // the offsets at the object's end were compacted away
                                return read(partition, manifest, object.range().endOffset(), maxBytes);
                            }
                            ChunkedObject.Chunk chunk = object.chunkOf(block);
                            CompletableFuture<ByteBuf> found = chunks.get(object, chunk);
                            if (offset <= chunk.baseOffset()) { // who reads on comes by each chunk's first offset
                                readAhead(partition, manifest, object, chunk);
                            }
                            return found.thenApply(bytes ->
                                            slice(object, block, bytes, batch -> batch.endOffset() > offset, maxBytes))
                                    .thenCompose(slice -> {
                                        noteEnd(object, block, slice);
                                        if (slice == null) {
                                            return read(partition, manifest, block.endOffset(), maxBytes);
                                        }
                                        return CompletableFuture.completedFuture(Optional.of(slice));
                                    });
                        }));
    }

    /**
     * The first batch, in offset order, that holds a record of at least that timestamp.
     *
     * @param fromOffset batches that end at or below it do not count
     * @param timestamp milliseconds since the epoch
     * @return one batch; empty where the bucket has none
     */
    public CompletableFuture<Optional<HistorySlice>> firstBatchByTime(
            PartitionId partition, ManifestPointer manifest, long fromOffset, long timestamp) {
        return manifests
                .tree(partition, manifest)
                .thenCompose(tree -> tree.lookupByTime(timestamp).toCompletableFuture())
                .thenCompose(range -> range.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.empty())
                        : searchByTime(
                                partition,
                                manifest,
                                Math.max(fromOffset, range.get().baseOffset()),
                                timestamp));
    }

    /** The greatest timestamp in the bucket as a manifest range: its timestamp and, where known, its first offset. */
    public CompletableFuture<Optional<ManifestRange>> greatestTimestamp(
            PartitionId partition, ManifestPointer manifest) {
        return manifests
                .tree(partition, manifest)
                .thenCompose(tree -> tree.lookupGreatestTimestamp().toCompletableFuture());
    }

    /** Where the epoch ended; empty where the bucket has nothing of a later one, so the answer lies behind its end. */
    public CompletableFuture<Optional<EpochEnd>> endOfEpoch(
            PartitionId partition, ManifestPointer manifest, int epoch) {
        return manifests
                .tree(partition, manifest)
                .thenCompose(tree -> tree.lookupAfterEpoch(epoch)
                        .thenCompose(later -> later.isEmpty()
                                ? CompletableFuture.completedFuture(Optional.<EpochEnd>empty())
                                : endBefore(tree, later.get(), epoch))
                        .toCompletableFuture());
    }

    /** The manifest's version that the pointer names, for walks over its ranges. */
    public CompletableFuture<ManifestTree> manifest(PartitionId partition, ManifestPointer manifest) {
        return manifests.tree(partition, manifest);
    }

    @Override
    public void close() {
        chunks.close();
    }

    private CompletableFuture<Optional<HistorySlice>> searchByTime(
            PartitionId partition, ManifestPointer manifest, long from, long timestamp) {
        return manifests
                .range(partition, manifest, from)
                .thenCompose(range -> range.isEmpty()
                        ? CompletableFuture.completedFuture(Optional.<HistorySlice>empty())
                        : open(range.get()).thenCompose(object -> {
                            Optional<BlockEntry> block = object.reader().index().blocks().stream()
                                    .filter(each -> each.endOffset() > from && each.greatestTimestamp() >= timestamp)
                                    .findFirst();
                            if (block.isEmpty()) {
                                return searchByTime(
                                        partition, manifest, object.range().endOffset(), timestamp);
                            }
                            Predicate<BatchHeader> wanted =
                                    batch -> batch.endOffset() > from && batch.maxTimestamp() >= timestamp;
                            return chunks.get(object, object.chunkOf(block.get()))
                                    .thenApply(bytes -> slice(object, block.get(), bytes, wanted, 1))
                                    .thenCompose(slice -> slice == null
                                            ? searchByTime(
                                                    partition,
                                                    manifest,
                                                    block.get().endOffset(),
                                                    timestamp)
                                            : CompletableFuture.completedFuture(Optional.of(slice)));
                        }));
    }

    private static java.util.concurrent.CompletionStage<Optional<EpochEnd>> endBefore(
            ManifestTree tree, ManifestRange later, int epoch) {
        int before = -1;
        for (EpochStart start : later.epochs()) {
            if (start.epoch() > epoch) {
                long end = start.startOffset();
                return before >= 0 || later.baseOffset() == 0
                        ? CompletableFuture.completedFuture(Optional.of(new EpochEnd(before, end)))
                        : tree.lookupByOffset(later.baseOffset() - 1)
                                .thenApply(range -> range.filter(each -> each.endOffset() <= later.baseOffset())
                                        .map(each -> new EpochEnd(each.greatestEpoch(), end))
                                        .or(() -> Optional.of(new EpochEnd(-1, end))));
            }
            before = start.epoch();
        }
        throw new IllegalStateException(
                "object " + later.key() + " was found for an epoch above " + epoch + " and has only " + later.epochs());
    }

    private CompletableFuture<ChunkedObject> open(ManifestRange range) {
        String key = range.key();
        int tailBytes = Math.toIntExact(range.bytes() - range.indexPosition());
        return objects.get(
                key,
                () -> store.read(key, range.indexPosition(), tailBytes).handle((tail, failure) -> {
                    if (failure != null) {
                        throw failed(HistoryFailures.named(
                                failure, key, CorruptObjectException.NO_BLOCK, range.baseOffset()));
                    }
                    try {
                        return new ChunkedObject(
                                range, SegmentObjectReader.open(range, tail.nioBuffer()), settings.chunkBytes());
                    } finally {
                        tail.release();
                    }
                }));
    }

    private void noteEnd(ChunkedObject object, BlockEntry block, @Nullable HistorySlice slice) {
        ChunkedObject.Chunk chunk = object.chunkOf(block);
        if (slice != null && slice.endOffset() >= chunk.endOffset()) {
            chunks.readToEnd(object, chunk);
        }
    }

    private void readAhead(
            PartitionId partition, ManifestPointer manifest, ChunkedObject object, ChunkedObject.Chunk chunk) {
        List<ChunkedObject.Chunk> all = object.chunks();
        int last = chunk.number() + settings.readAheadChunks();
        for (int next = chunk.number() + 1; next <= last && next < all.size(); next++) {
            chunks.prefetch(object, all.get(next));
        }
        long end = object.range().endOffset();
        if (last >= all.size() && end < manifest.endOffset()) {
            var unused = manifests
                    .range(partition, manifest, end)
                    .thenCompose(range -> open(range.orElseThrow()))
                    .thenAccept(following ->
                            chunks.prefetch(following, following.chunks().get(0)))
                    .exceptionally(failure -> null); // the reader itself will meet it, and be told
        }
    }

    /** The batches from the first wanted one of the block to the chunk's end or the limit; takes the bytes over. */
    private static @Nullable HistorySlice slice(
            ChunkedObject object, BlockEntry block, ByteBuf bytes, Predicate<BatchHeader> wanted, int maxBytes) {
        try {
            ChunkedObject.Chunk chunk = object.chunkOf(block);
            int start = (int) (block.position() - chunk.position());
            int from = -1;
            int to = start;
            long baseOffset = 0;
            long endOffset = 0;
            for (BatchHeader batch : BatchHeader.in(bytes.nioBuffer(start, chunk.length() - start))) {
                if (from < 0) {
                    if (!wanted.test(batch)) {
                        if (batch.endOffset() >= block.endOffset()) {
                            return null;
                        }
                        continue;
                    }
                    from = start + batch.position();
                    baseOffset = batch.baseOffset();
                } else if (start + batch.position() + batch.sizeBytes() - from > maxBytes) {
                    break;
                }
                to = start + batch.position() + batch.sizeBytes();
                endOffset = batch.endOffset();
            }
            return from < 0 ? null : new HistorySlice(bytes.retainedSlice(from, to - from), baseOffset, endOffset);
        } finally {
            bytes.release();
        }
    }

    private static RuntimeException failed(Throwable failure) {
        return failure instanceof RuntimeException runtime ? runtime : new IllegalStateException(failure);
    }
}
