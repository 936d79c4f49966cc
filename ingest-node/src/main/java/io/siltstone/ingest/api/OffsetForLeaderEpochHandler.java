package io.siltstone.ingest.api;

import io.siltstone.ingest.partition.OffsetLookup;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.metadata.ClusterView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderTopic;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochRequest;
import org.apache.kafka.common.requests.OffsetsForLeaderEpochResponse;

/** Tells where an epoch ended, by which a consumer sees whether what it read is still there. */
public final class OffsetForLeaderEpochHandler implements ApiHandler {

    private final PartitionCalls calls;

    public OffsetForLeaderEpochHandler(Partitions partitions, ClusterView view) {
        this.calls = new PartitionCalls(partitions, view);
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(Request request) {
        OffsetsForLeaderEpochRequest body = (OffsetsForLeaderEpochRequest) request.body();
        OffsetForLeaderEpochResponseData data = new OffsetForLeaderEpochResponseData();
        List<CompletableFuture<?>> pending = new ArrayList<>();
        for (OffsetForLeaderTopic topic : body.data().topics()) {
            OffsetForLeaderTopicResult answers = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            data.topics().add(answers);
            for (OffsetForLeaderPartition asked : topic.partitions()) {
                EpochEndOffset answer = new EpochEndOffset().setPartition(asked.partition());
                answers.partitions().add(answer);
                pending.add(calls.call(topic.topic(), Uuid.ZERO_UUID, asked.partition(), partition -> {
                            ListOffsetsHandler.requireEpoch(partition, asked.currentLeaderEpoch());
                            return new OffsetLookup(partition).endOfEpoch(asked.leaderEpoch());
                        })
                        .whenComplete((end, failure) -> {
                            if (failure == null) {
                                answer.setLeaderEpoch(end.epoch()).setEndOffset(end.endOffset());
                            } else {
                                answer.setErrorCode(Errors.forException(PartitionCalls.cause(failure))
                                        .code());
                            }
                        }));
            }
        }
        return PartitionCalls.all(pending).thenApply(ignored -> new OffsetsForLeaderEpochResponse(data));
    }
}
