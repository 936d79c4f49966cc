package io.siltstone.ingest.api;

import io.siltstone.metadata.MetadataStore;
import io.siltstone.metadata.ProducerIdBlock;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.errors.CoordinatorLoadInProgressException;
import org.jspecify.annotations.Nullable;

/** Gives out producer ids, each once, from blocks that the metadata store hands to this process. Thread-safe. */
public final class ProducerIds {

    private final MetadataStore store;
    private @Nullable ProducerIdBlock block;
    private long used;
    private @Nullable CompletableFuture<ProducerIdBlock> fetching;

    public ProducerIds(MetadataStore store) {
        this.store = store;
    }

    /** The next id; fails with a retriable error of Kafka's where the metadata store is away. */
    public CompletableFuture<Long> next() {
        CompletableFuture<ProducerIdBlock> wait;
        synchronized (this) {
            ProducerIdBlock current = block;
            if (current != null && used < current.size()) {
                return CompletableFuture.completedFuture(current.first() + used++);
            }
            if (fetching == null || fetching.isDone()) {
                // Who waits for this stage goes on after the block is noted.
                fetching = store.allocateProducerIds().whenComplete(this::fetched);
            }
            wait = fetching;
        }
        return wait.handle((ignored, failure) -> failure)
                .thenCompose(failure -> failure == null
                        ? next()
                        : CompletableFuture.failedFuture(new CoordinatorLoadInProgressException(
                                "no producer ids can be had now: " + failure.getMessage(), failure)));
    }

    private synchronized void fetched(@Nullable ProducerIdBlock next, @Nullable Throwable failure) {
        if (failure == null && next != null) {
            block = next;
            used = 0;
        }
    }
}
