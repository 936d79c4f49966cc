package io.siltstone.ingest.group;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopicCollection;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.OffsetDeleteRequest;
import org.apache.kafka.common.requests.OffsetDeleteResponse;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.coordinator.group.GroupCoordinator;

/** Forgets committed offsets of the topics and partitions that exist; the others are refused one by one. */
final class OffsetDeleteHandler implements ApiHandler {

    private final GroupCoordinator coordinator;
    private final Topics topics;

    OffsetDeleteHandler(GroupCoordinator coordinator, Topics topics) {
        this.coordinator = coordinator;
        this.topics = topics;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        OffsetDeleteRequestData data = ((OffsetDeleteRequest) request.body()).data();
        OffsetDeleteResponse.Builder response = new OffsetDeleteResponse.Builder();
        OffsetDeleteRequestTopicCollection known = new OffsetDeleteRequestTopicCollection();
        for (OffsetDeleteRequestTopic topic : data.topics()) {
            List<OffsetDeleteRequestPartition> partitions = knownPartitions(topic, response);
            if (!partitions.isEmpty()) {
                known.add(new OffsetDeleteRequestTopic().setName(topic.name()).setPartitions(partitions));
            }
        }
        if (known.isEmpty()) {
            return CompletableFuture.completedFuture(response.build());
        }
        OffsetDeleteRequestData delete =
                new OffsetDeleteRequestData().setGroupId(data.groupId()).setTopics(known);
        return coordinator
                .deleteOffsets(request.context(), delete, BufferSupplier.NO_CACHING)
                .thenApply(deleted -> response.merge(deleted).build());
    }

    private List<OffsetDeleteRequestPartition> knownPartitions(
            OffsetDeleteRequestTopic topic, OffsetDeleteResponse.Builder response) {
        Optional<GroupTopic> found = topics.byName(topic.name());
        List<OffsetDeleteRequestPartition> known = new ArrayList<>();
        for (OffsetDeleteRequestPartition partition : topic.partitions()) {
            if (found.isPresent() && found.get().has(partition.partitionIndex())) {
                known.add(partition);
            } else {
                response.addPartition(topic.name(), partition.partitionIndex(), Errors.UNKNOWN_TOPIC_OR_PARTITION);
            }
        }
        return known;
    }
}
