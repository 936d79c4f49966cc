package io.siltstone.ingest.http;

import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import java.util.concurrent.CompletableFuture;

/** Port: reads versions of partitions' manifests, from a cache where it can. */
@FunctionalInterface
public interface ManifestVersions {

    /** The version that the pointer names; fails with a {@code CorruptObjectException} where it is damaged. */
    CompletableFuture<ManifestTree> manifest(PartitionId partition, ManifestPointer pointer);
}
