package io.siltstone.ingest.archive;

import io.siltstone.tiering.retention.CollectionSettings;

/**
 * How the bucket is kept.
 *
 * @param tieringThreads how many objects may be made at once
 * @param tieringBytes memory for uploads
 * @param retentionCheckMs between looks at what retention lets go
 * @param collectMs between passes of the garbage collector over a partition
 * @param collection when garbage may be deleted
 */
public record ArchiveSettings(
        int tieringThreads, long tieringBytes, long retentionCheckMs, long collectMs, CollectionSettings collection) {

    public ArchiveSettings {
        if (retentionCheckMs < 1 || collectMs < 1) {
            throw new IllegalArgumentException(
                    "retention every " + retentionCheckMs + " ms, collection every " + collectMs + " ms");
        }
    }
}
