package io.siltstone.client.source;

import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.RootRef;

/** The newest root of a partition's manifest, and how the partition's objects are named. */
public record PartitionManifest(PartitionKeys keys, RootRef root) {}
