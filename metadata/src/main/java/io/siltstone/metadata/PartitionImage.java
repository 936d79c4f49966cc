package io.siltstone.metadata;

import io.siltstone.log.chain.PartitionState;

/**
 * A partition's state as its znode was last seen.
 *
 * @param version the znode's version, which a compare-and-set expects
 */
public record PartitionImage(PartitionState state, int version) {}
