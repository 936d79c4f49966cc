package io.siltstone.ingest.admin;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.group.OffsetsTopic;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreatePartitionsResponseData;
import org.apache.kafka.common.message.CreatePartitionsResponseData.CreatePartitionsTopicResult;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreatePartitionsRequest;
import org.apache.kafka.common.requests.CreatePartitionsResponse;

/** Raises the partition counts of topics, each on its own. */
final class CreatePartitionsHandler implements ApiHandler {

    private final TopicStore store;
    private final ClusterView view;
    private final TopicCreation creation;

    CreatePartitionsHandler(TopicStore store, ClusterView view, TopicCreation creation) {
        this.store = store;
        this.view = view;
        this.creation = creation;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        CreatePartitionsRequestData data = ((CreatePartitionsRequest) request.body()).data();
        Set<String> names = new HashSet<>();
        List<CompletableFuture<CreatePartitionsTopicResult>> results = new ArrayList<>();
        for (CreatePartitionsTopic topic : data.topics()) {
            if (names.add(topic.name())) {
                results.add(create(topic, data));
            }
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> new CreatePartitionsResponse(new CreatePartitionsResponseData()
                        .setResults(
                                results.stream().map(CompletableFuture::join).toList())));
    }

    private CompletableFuture<CreatePartitionsTopicResult> create(
            CreatePartitionsTopic topic, CreatePartitionsRequestData request) {
        TopicImage known;
        try {
            if (request.topics().findAll(topic.name()).size() > 1) {
                throw new InvalidRequestException("Duplicate topic name.");
            }
            known = check(topic);
        } catch (RuntimeException e) {
            return CompletableFuture.completedFuture(result(topic, AdminErrors.of(e)));
        }
        if (request.validateOnly()) {
            return CompletableFuture.completedFuture(result(topic, ApiError.NONE));
        }
        return store.createPartitions(known.id(), topic.count())
                .thenCompose(grown -> creation.awaitOpen(grown, request.timeoutMs()))
                .thenApply(open -> result(topic, ApiError.NONE))
                .exceptionally(failure -> result(topic, AdminErrors.of(failure)));
    }

    private TopicImage check(CreatePartitionsTopic topic) {
        TopicImage known = view.image()
                .topic(topic.name())
                .orElseThrow(
                        () -> new UnknownTopicOrPartitionException("The topic '" + topic.name() + "' does not exist."));
        if (topic.assignments() != null && !topic.assignments().isEmpty()) {
            throw new InvalidReplicaAssignmentException(
                    "Replicas cannot be assigned to brokers, which keep no copies. Give the new count alone.");
        }
        if (known.name().equals(OffsetsTopic.NAME)) {
            throw new InvalidPartitionsException(
                    "Groups are mapped to the partitions of " + known.name() + "; their number cannot change.");
        }
        if (topic.count() <= known.partitionCount()) {
            throw new InvalidPartitionsException("The topic " + topic.name() + " currently has "
                    + known.partitionCount() + " partition(s); " + topic.count() + " would not be an increase.");
        }
        return known;
    }

    private static CreatePartitionsTopicResult result(CreatePartitionsTopic topic, ApiError error) {
        return new CreatePartitionsTopicResult()
                .setName(topic.name())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.isFailure() ? error.messageWithFallback() : null);
    }
}
