package io.siltstone.ingest.admin;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.group.OffsetsTopic;
import io.siltstone.ingest.topic.TopicIds;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.TopicDeletionDisabledException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.DeleteTopicsResponseData;
import org.apache.kafka.common.message.DeleteTopicsResponseData.DeletableTopicResult;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DeleteTopicsRequest;
import org.apache.kafka.common.requests.DeleteTopicsResponse;

/** Deletes topics, named or by id. What storage nodes and bucket hold of them goes later, on the deletion mark. */
final class DeleteTopicsHandler implements ApiHandler {

    /** How long the answer waits for this node to forget the topic; other nodes may lag behind in any case. */
    private static final long MAX_WAIT_MS = 2_000;

    private final TopicStore store;
    private final ClusterView view;
    private final boolean enabled;

    /**
     * @param enabled {@code delete.topic.enable}
     */
    DeleteTopicsHandler(TopicStore store, ClusterView view, boolean enabled) {
        this.store = store;
        this.view = view;
        this.enabled = enabled;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        DeleteTopicsRequest body = (DeleteTopicsRequest) request.body();
        long waitMs = Math.min(body.data().timeoutMs() / 2, MAX_WAIT_MS);
        Set<UUID> seen = new HashSet<>();
        List<CompletableFuture<DeletableTopicResult>> results = new ArrayList<>();
        for (DeleteTopicState topic : body.topics()) {
            results.add(delete(topic, seen, waitMs));
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    DeleteTopicsResponseData response = new DeleteTopicsResponseData();
                    results.forEach(result -> response.responses().add(result.join()));
                    return new DeleteTopicsResponse(response);
                });
    }

    private CompletableFuture<DeletableTopicResult> delete(DeleteTopicState asked, Set<UUID> seen, long waitMs) {
        DeletableTopicResult result =
                new DeletableTopicResult().setName(asked.name()).setTopicId(asked.topicId());
        TopicImage topic;
        try {
            topic = find(asked, seen);
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(failed(result, e));
        }
        result.setName(topic.name()).setTopicId(TopicIds.toKafka(topic.id()));
        return store.deleteTopic(topic.id())
                .thenCompose(deleted ->
                        ImageWait.until(view, image -> image.topic(topic.id()).isEmpty(), waitMs))
                .thenApply(gone -> result)
                .exceptionally(failure -> failed(result, failure));
    }

    private TopicImage find(DeleteTopicState asked, Set<UUID> seen) {
        if (!enabled) {
            throw new TopicDeletionDisabledException("delete.topic.enable is false.");
        }
        TopicImage topic = byNameOrId(asked);
        if (!seen.add(topic.id())) {
            throw new InvalidRequestException("The topic is named twice.");
        }
        if (topic.name().equals(OffsetsTopic.NAME)) {
            throw new InvalidRequestException("Groups keep their state in " + topic.name() + "; it cannot be deleted.");
        }
        return topic;
    }

    private TopicImage byNameOrId(DeleteTopicState asked) {
        ClusterImage image = view.image();
        boolean byId = !asked.topicId().equals(Uuid.ZERO_UUID);
        if (byId == (asked.name() != null)) {
            throw new InvalidRequestException("A topic is named either by its name or by its id.");
        }
        if (byId) {
            return image.topic(TopicIds.fromKafka(asked.topicId()))
                    .orElseThrow(() -> new UnknownTopicIdException("This server does not host this topic ID."));
        }
        return image.topic(asked.name())
                .orElseThrow(
                        () -> new UnknownTopicOrPartitionException("The topic '" + asked.name() + "' does not exist."));
    }

    private static DeletableTopicResult failed(DeletableTopicResult result, Throwable failure) {
        ApiError error = AdminErrors.of(failure);
        return result.setErrorCode(error.error().code()).setErrorMessage(error.messageWithFallback());
    }
}
