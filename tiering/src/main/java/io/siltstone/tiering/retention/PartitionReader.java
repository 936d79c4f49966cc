package io.siltstone.tiering.retention;

import io.siltstone.log.chain.PartitionState;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Port: reads a partition's znode behind a sync, so that the answer is not older than the question. */
@FunctionalInterface
public interface PartitionReader {

    /** Empty where the topic is deleted. */
    CompletableFuture<Optional<PartitionState>> read();
}
