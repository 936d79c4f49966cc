package io.siltstone.ingest.group;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.OffsetCommitRequest;
import org.apache.kafka.common.requests.OffsetCommitResponse;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Commits offsets of the topics and partitions that exist; the others are refused one by one. */
final class OffsetCommitHandler implements ApiHandler {

    private final GroupCoordinator coordinator;
    private final Topics topics;

    OffsetCommitHandler(GroupCoordinator coordinator, Topics topics) {
        this.coordinator = coordinator;
        this.topics = topics;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        OffsetCommitRequest body = (OffsetCommitRequest) request.body();
        boolean useTopicIds = OffsetCommitResponse.useTopicIds(body.version());
        OffsetCommitResponse.Builder response = OffsetCommitResponse.newBuilder(useTopicIds);
        List<OffsetCommitRequestTopic> known = new ArrayList<>();
        for (OffsetCommitRequestTopic topic : body.data().topics()) {
            knownPart(topic, useTopicIds, response).ifPresent(known::add);
        }
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(response.build());
        }
        OffsetCommitRequestData commit = body.data().duplicate().setTopics(known);
        return coordinator
                .commitOffsets(request.context(), commit, BufferSupplier.NO_CACHING)
                .thenApply(data -> response.merge(data).build());
    }

    private Optional<OffsetCommitRequestTopic> knownPart(
            OffsetCommitRequestTopic topic, boolean useTopicIds, OffsetCommitResponse.Builder response) {
        Optional<GroupTopic> found = useTopicIds ? topics.byId(topic.topicId()) : topics.byName(topic.name());
        if (found.isEmpty()) {
            Errors error = useTopicIds ? Errors.UNKNOWN_TOPIC_ID : Errors.UNKNOWN_TOPIC_OR_PARTITION;
            response.addPartitions(
                    topic.topicId(),
                    topic.name(),
                    topic.partitions(),
                    OffsetCommitRequestPartition::partitionIndex,
                    error);
            return Optional.empty();
        }
        GroupTopic resolved = found.get();
        List<OffsetCommitRequestPartition> partitions = new ArrayList<>();
        for (OffsetCommitRequestPartition partition : topic.partitions()) {
            if (resolved.has(partition.partitionIndex())) {
                partitions.add(partition);
            } else {
                response.addPartition(
                        resolved.id(), resolved.name(), partition.partitionIndex(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
            }
        }
        return partitions.isEmpty()
                ? Optional.empty()
                : Optional.of(new OffsetCommitRequestTopic()
                        .setTopicId(resolved.id())
                        .setName(resolved.name())
                        .setPartitions(partitions));
    }
}
