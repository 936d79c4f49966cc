package io.siltstone.log.chain;

import io.siltstone.log.PartitionId;
import java.util.function.Consumer;

/**
 * Port: the versioned register of each partition's state, kept by ZooKeeper or the simulation. Answers arrive later, on
 * the thread that asked.
 */
public interface ChainStore {

    /** What the register held at a moment after the call was made ({@code sync} first). */
    void read(PartitionId partition, Consumer<ReadResult> answer);

    /** Sets the state where the version is the expected one. */
    void compareAndSet(PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer);

    sealed interface ReadResult {
        record Found(PartitionState state, int version) implements ReadResult {}

        /** The partition's topic was deleted. */
        record Missing() implements ReadResult {}

        /** Not known; ask again later. */
        record Unavailable(String why) implements ReadResult {}
    }

    sealed interface CasResult {
        record Won(int version) implements CasResult {}

        /** The version was another one. After an unknown attempt this may be the caller's own success. */
        record Lost() implements CasResult {}

        /** It may have happened, may yet happen, or not (rule 12). */
        record Unknown(String why) implements CasResult {}
    }
}
