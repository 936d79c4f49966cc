package io.siltstone.ingest.kafka;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.server.util.PartitionMetadataClient;

/** Refuses the coordinator's question for end offsets, which it asks of share groups alone. */
final class NoEndOffsets implements PartitionMetadataClient {

    @Override
    public Map<TopicPartition, CompletableFuture<OffsetResponse>> listLatestOffsets(Set<TopicPartition> partitions) {
        return partitions.stream()
                .collect(Collectors.toMap(
                        Function.identity(),
                        partition ->
                                CompletableFuture.completedFuture(new OffsetResponse(-1, Errors.UNSUPPORTED_VERSION))));
    }

    @Override
    public void close() {}
}
