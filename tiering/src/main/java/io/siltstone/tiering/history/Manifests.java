package io.siltstone.tiering.history;

import com.github.benmanes.caffeine.cache.Caffeine;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.manifest.NodeLoader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.upload.ManifestStore;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Versions of manifests and their nodes, kept within bounds. Thread-safe. */
final class Manifests {

    private static final int MAX_VERSIONS = 1_000;
    private static final int RANGES_PER_PAGE = 16;
    private static final int MAX_RANGES_PER_VERSION = 64;

    /** A version, and the ranges of it that were looked up last, by base offset. */
    private record Version(ManifestTree tree, ConcurrentNavigableMap<Long, ManifestRange> ranges) {}

    private final ObjectStore store;
    private final BucketKeys keys;
    private final LoadedOnce<ByteBuffer> nodes;
    private final LoadedOnce<Version> versions;
    private final NodeLoader loader;

    Manifests(ObjectStore store, BucketKeys keys, long maxNodeBytes) {
        this.store = store;
        this.keys = keys;
        this.nodes = new LoadedOnce<>(Caffeine.newBuilder()
                .maximumWeight(maxNodeBytes)
                .weigher((String key, ByteBuffer bytes) -> bytes.capacity())
                .executor(Runnable::run)
                .build());
        this.versions = new LoadedOnce<>(Caffeine.newBuilder()
                .maximumSize(MAX_VERSIONS)
                .executor(Runnable::run)
                .build());
        this.loader =
                key -> nodes.get(key, () -> ManifestStore.read(store, key)).thenApply(ByteBuffer::duplicate);
    }

    CompletableFuture<ManifestTree> tree(PartitionId partition, ManifestPointer pointer) {
        return version(partition, pointer).thenApply(Version::tree);
    }

    /** The range that holds the offset, or the first one behind it. */
    CompletableFuture<Optional<ManifestRange>> range(PartitionId partition, ManifestPointer pointer, long offset) {
        return version(partition, pointer).thenCompose(version -> {
            Map.Entry<Long, ManifestRange> known = version.ranges().floorEntry(offset);
            if (known != null && known.getValue().endOffset() > offset) {
                return CompletableFuture.completedFuture(Optional.of(known.getValue()));
            }
            return version.tree()
                    .page(offset, RANGES_PER_PAGE)
                    .thenApply(found -> remember(version, found))
                    .toCompletableFuture();
        });
    }

    private static Optional<ManifestRange> remember(Version version, List<ManifestRange> found) {
        if (version.ranges().size() > MAX_RANGES_PER_VERSION) {
            version.ranges().clear();
        }
        found.forEach(range -> version.ranges().put(range.baseOffset(), range));
        return found.stream().findFirst();
    }

    private CompletableFuture<Version> version(PartitionId partition, ManifestPointer pointer) {
        return versions.get(
                pointer.root(),
                () -> new ManifestStore(store, keys.partition(partition.topic(), partition.partition()), loader)
                        .load(pointer)
                        .thenApply(tree -> new Version(tree, new ConcurrentSkipListMap<>())));
    }
}
