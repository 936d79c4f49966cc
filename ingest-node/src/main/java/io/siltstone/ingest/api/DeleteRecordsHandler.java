package io.siltstone.ingest.api;

import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.metadata.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteRecordsResponseData;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsPartitionResult;
import org.apache.kafka.common.message.DeleteRecordsResponseData.DeleteRecordsTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DeleteRecordsRequest;
import org.apache.kafka.common.requests.DeleteRecordsResponse;

/** Moves log starts up; what lies below is not served from then on, and dropped later. */
public final class DeleteRecordsHandler implements ApiHandler {

    private final PartitionCalls calls;

    public DeleteRecordsHandler(Partitions partitions, ClusterView view) {
        this.calls = new PartitionCalls(partitions, view);
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(Request request) {
        DeleteRecordsRequest body = (DeleteRecordsRequest) request.body();
        DeleteRecordsResponseData data = new DeleteRecordsResponseData();
        List<CompletableFuture<?>> pending = new ArrayList<>();
        for (DeleteRecordsTopic topic : body.data().topics()) {
            DeleteRecordsTopicResult answers = new DeleteRecordsTopicResult().setName(topic.name());
            data.topics().add(answers);
            for (DeleteRecordsPartition asked : topic.partitions()) {
                DeleteRecordsPartitionResult answer = new DeleteRecordsPartitionResult()
                        .setPartitionIndex(asked.partitionIndex())
                        .setLowWatermark(DeleteRecordsResponse.INVALID_LOW_WATERMARK);
                answers.partitions().add(answer);
                pending.add(calls.call(
                                topic.name(),
                                Uuid.ZERO_UUID,
                                asked.partitionIndex(),
                                partition -> delete(partition, asked.offset()))
                        .whenComplete((logStart, failure) -> {
                            if (failure == null) {
                                answer.setLowWatermark(logStart);
                            } else {
                                answer.setErrorCode(Errors.forException(PartitionCalls.cause(failure))
                                        .code());
                            }
                        }));
            }
        }
        return PartitionCalls.all(pending).thenApply(ignored -> new DeleteRecordsResponse(data));
    }

    private static CompletableFuture<Long> delete(Partition partition, long offset) {
        if (Topic.isInternal(partition.name().topic())) {
            throw new InvalidTopicException("coordinators keep their state in " + partition.name());
        }
        long below = offset == DeleteRecordsRequest.HIGH_WATERMARK ? partition.highWatermark() : offset;
        if (below < 0) {
            throw new OffsetOutOfRangeException("records below offset " + below + " cannot be deleted");
        }
        CompletableFuture<Long> moved = new CompletableFuture<>();
        partition.moveLogStart(below, moved::complete, moved::completeExceptionally);
        return moved;
    }
}
