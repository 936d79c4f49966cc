package io.siltstone.metadata;

import io.siltstone.log.chain.PartitionState;

/** What is known for sure of a partition at a moment after it was asked. */
public sealed interface PartitionReading {

    /** Its znode. */
    record Found(PartitionState state, int version) implements PartitionReading {}

    /** Its topic bears a deletion mark: the positive fact that everything of it may be dropped. */
    record Deleted() implements PartitionReading {}

    /** Neither a znode nor a mark: nothing may be concluded, and nothing dropped (rule 13). */
    record Absent() implements PartitionReading {}
}
