package io.siltstone.ingest.api;

import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.metadata.ClusterView;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.jspecify.annotations.Nullable;

/** Calls of single partitions on their event loops, for requests that are not on the data path. Any thread. */
final class PartitionCalls {

    private final Partitions partitions;
    private final ClusterView view;

    PartitionCalls(Partitions partitions, ClusterView view) {
        this.partitions = partitions;
        this.view = view;
    }

    /**
     * Calls the partition on its loop where this node serves it.
     *
     * @return fails with what the call fails with, or with Kafka's "unknown topic" or "not leader"
     */
    <T extends @Nullable Object> CompletableFuture<T> call(
            @Nullable String topic, Uuid topicId, int index, Function<Partition, CompletableFuture<T>> call) {
        Partition partition;
        try {
            partition = partitions
                    .find(TopicLookup.partition(view.image(), topic, topicId, index))
                    .orElseThrow(
                            () -> new NotLeaderOrFollowerException("this node does not lead " + topic + "-" + index));
        } catch (RuntimeException notHere) {
            return CompletableFuture.failedFuture(notHere);
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        partition.loop().eventLoop().execute(() -> {
            if (!partition.isOpen()) {
                answer.completeExceptionally(
                        partition.isOver()
                                ? partition.overBecause()
                                : new NotLeaderOrFollowerException(partition.name() + " is still being taken over"));
                return;
            }
            try {
                call.apply(partition).whenComplete((value, failure) -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException failed) {
                answer.completeExceptionally(failed);
            }
        });
        return answer;
    }

    /** Completes when all have, however they ended. */
    static CompletableFuture<Void> all(List<? extends CompletableFuture<?>> calls) {
        return CompletableFuture.allOf(calls.toArray(CompletableFuture<?>[]::new))
                .exceptionally(failureOfOne -> null);
    }

    static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
