package io.siltstone.log.writer;

import io.siltstone.log.chain.PartitionState;
import org.jspecify.annotations.Nullable;

/**
 * A change of a partition's state by its owner. It may be asked several times, each time of a newer state, and must see
 * for itself whether an earlier attempt of an unknown outcome has happened.
 */
@FunctionalInterface
public interface ChainChange {

    /** The state to set, or null where the current one has it already. */
    @Nullable
    PartitionState applyTo(PartitionState current);
}
