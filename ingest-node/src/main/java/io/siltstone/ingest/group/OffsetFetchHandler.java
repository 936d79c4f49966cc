package io.siltstone.ingest.group;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.kafka.KafkaGroupCoordinator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.OffsetFetchRequest;
import org.apache.kafka.common.requests.OffsetFetchResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * Answers which offsets groups committed. An answer goes out only after an ack quorum confirmed, to a question put after
 * the request came in, that this node's tenure was still on (rule 5): else "none committed", or an old offset, might be
 * told after another owner took a newer commit.
 */
final class OffsetFetchHandler implements ApiHandler {

    private final KafkaGroupCoordinator coordinator;
    private final Topics topics;

    OffsetFetchHandler(KafkaGroupCoordinator coordinator, Topics topics) {
        this.coordinator = coordinator;
        this.topics = topics;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        OffsetFetchRequest body = (OffsetFetchRequest) request.body();
        List<CompletableFuture<OffsetFetchResponseGroup>> groups = body.groups().stream()
                .map(group -> confirmed(request.context(), group, body.requireStable()))
                .toList();
        return CompletableFuture.allOf(groups.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> new OffsetFetchResponse.Builder(
                                groups.stream().map(CompletableFuture::join).toList())
                        .build(body.version()));
    }

    private CompletableFuture<OffsetFetchResponseGroup> confirmed(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        Optional<OffsetsLog> tenure = Optional.ofNullable(group.groupId()).flatMap(coordinator::tenureOf);
        CompletableFuture<OffsetFetchResponseGroup> answer = fetch(context, group, requireStable);
        if (tenure.isEmpty()) {
            return answer;
        }
        return answer.thenCombine(
                tenure.get().confirmOwnership(),
                (offsets, owned) -> owned
                        ? offsets
                        : OffsetFetchResponse.groupError(group, Errors.NOT_COORDINATOR, context.header.apiVersion()));
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetch(
            RequestContext context, OffsetFetchRequestGroup group, boolean requireStable) {
        boolean useTopicIds = OffsetFetchRequest.useTopicIds(context.header.apiVersion());
        if (OffsetFetchRequest.requestAllOffsets(group)) {
            return coordinator
                    .service()
                    .fetchOffsets(context, group, requireStable)
                    .thenApply(answer -> useTopicIds ? withTopicIds(answer) : answer)
                    .exceptionally(failure -> failed(context, group, failure));
        }
        List<OffsetFetchResponseTopics> unknown = new ArrayList<>();
        OffsetFetchRequestGroup resolved = useTopicIds ? resolve(group, unknown) : group;
        return coordinator
                .service()
                .fetchOffsets(context, resolved, requireStable)
                .thenApply(answer -> withUnknown(answer, unknown))
                .exceptionally(failure -> failed(context, group, failure));
    }

    private static OffsetFetchResponseGroup failed(
            RequestContext context, OffsetFetchRequestGroup group, Throwable failure) {
        return OffsetFetchResponse.groupError(group, Errors.forException(failure), context.header.apiVersion());
    }

    /** Topics that are gone have no id to be told by; they are left out, as Kafka does. */
    private OffsetFetchResponseGroup withTopicIds(OffsetFetchResponseGroup answer) {
        List<OffsetFetchResponseTopics> known = new ArrayList<>();
        for (OffsetFetchResponseTopics topic : answer.topics()) {
            if (topic.topicId().equals(Uuid.ZERO_UUID)) {
                topics.byName(topic.name()).ifPresent(found -> topic.setTopicId(found.id()));
            }
            if (!topic.topicId().equals(Uuid.ZERO_UUID)) {
                known.add(topic);
            }
        }
        return answer.setTopics(known);
    }

    private OffsetFetchRequestGroup resolve(OffsetFetchRequestGroup group, List<OffsetFetchResponseTopics> unknown) {
        List<OffsetFetchRequestTopics> known = new ArrayList<>();
        for (OffsetFetchRequestTopics topic : group.topics()) {
            topics.byId(topic.topicId())
                    .ifPresentOrElse(
                            found -> known.add(topic.duplicate().setName(found.name())),
                            () -> unknown.add(unknown(topic)));
        }
        return group.duplicate().setTopics(known);
    }

    private static OffsetFetchResponseGroup withUnknown(
            OffsetFetchResponseGroup answer, List<OffsetFetchResponseTopics> unknown) {
        if (answer.errorCode() != Errors.NONE.code() || unknown.isEmpty()) {
            return answer;
        }
        List<OffsetFetchResponseTopics> all = new ArrayList<>(answer.topics());
        all.addAll(unknown);
        return answer.setTopics(all);
    }

    private static OffsetFetchResponseTopics unknown(OffsetFetchRequestTopics topic) {
        return new OffsetFetchResponseTopics()
                .setTopicId(topic.topicId())
                .setName(topic.name())
                .setPartitions(topic.partitionIndexes().stream()
                        .map(partition -> new OffsetFetchResponsePartitions()
                                .setPartitionIndex(partition)
                                .setErrorCode(Errors.UNKNOWN_TOPIC_ID.code())
                                .setCommittedOffset(OffsetFetchResponse.INVALID_OFFSET)
                                .setMetadata(OffsetFetchResponse.NO_METADATA)
                                .setCommittedLeaderEpoch(RecordBatch.NO_PARTITION_LEADER_EPOCH))
                        .toList());
    }
}
