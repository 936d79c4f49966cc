package io.siltstone.client;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import io.siltstone.client.source.HistorySource;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.PartitionKeys;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Checks that nothing in the bucket speaks for a root behind the newest one. */
final class CompletenessCheck {

    private CompletenessCheck() {}

    /** Fails with {@link CorruptObjectException} where history cannot be proven to be all there. */
    static CompletableFuture<@Nullable Void> check(HistorySource source, TopicPartition partition) {
        return source.beyondNewestRoot(partition).thenApply(found -> {
            if (found.isPresent()) {
                throw new CorruptObjectException(
                        found.get(),
                        NO_BLOCK,
                        PartitionKeys.baseOffsetOf(found.get()).orElse(NO_OFFSET),
                        "no manifest root names it, and it comes behind the newest: either its commit broke off, or a root"
                                + " was removed, and with it records; the running cluster can tell which (--bootstrap)");
            }
            return null;
        });
    }

    static CompletableFuture<@Nullable Void> checkAll(HistorySource source, Collection<TopicPartition> partitions) {
        return CompletableFuture.allOf(
                partitions.stream().map(partition -> check(source, partition)).toArray(CompletableFuture<?>[]::new));
    }
}
