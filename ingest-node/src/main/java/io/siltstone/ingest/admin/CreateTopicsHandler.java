package io.siltstone.ingest.admin;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.topic.TopicIds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicConfigs;
import org.apache.kafka.common.message.CreateTopicsResponseData.CreatableTopicResult;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.CreateTopicsRequest;
import org.apache.kafka.common.requests.CreateTopicsResponse;

/** Creates topics, each on its own: one that is refused does not keep the others from being created. */
final class CreateTopicsHandler implements ApiHandler {

    private final TopicCreation creation;
    private final ConfigDescriptions descriptions;

    CreateTopicsHandler(TopicCreation creation, ConfigDescriptions descriptions) {
        this.creation = creation;
        this.descriptions = descriptions;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        CreateTopicsRequestData data = ((CreateTopicsRequest) request.body()).data();
        Set<String> names = new HashSet<>();
        List<CompletableFuture<CreatableTopicResult>> results = new ArrayList<>();
        for (CreatableTopic topic : data.topics()) {
            if (names.add(topic.name())) {
                boolean repeated = data.topics().findAll(topic.name()).size() > 1;
                results.add(repeated ? refused(topic.name(), duplicate()) : create(topic, data));
            }
        }
        return CompletableFuture.allOf(results.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> {
                    CreateTopicsResponseData response = new CreateTopicsResponseData();
                    results.forEach(result -> response.topics().add(result.join()));
                    return new CreateTopicsResponse(response);
                });
    }

    private CompletableFuture<CreatableTopicResult> create(CreatableTopic topic, CreateTopicsRequestData request) {
        NewTopic checked;
        try {
            checked = check(topic);
        } catch (RuntimeException e) {
            return refused(topic.name(), e);
        }
        CreatableTopicResult result = describe(checked);
        if (request.validateOnly()) {
            return CompletableFuture.completedFuture(result);
        }
        return creation.store(checked)
                .thenCompose(created -> creation.awaitOpen(created, request.timeoutMs())
                        .thenApply(open -> result.setTopicId(TopicIds.toKafka(created.id()))))
                .exceptionally(failure -> failed(topic.name(), failure));
    }

    private NewTopic check(CreatableTopic topic) {
        if (!topic.assignments().isEmpty()) {
            throw new InvalidReplicaAssignmentException(
                    "Replicas cannot be assigned to brokers, which keep no copies. Give a replication factor.");
        }
        Map<String, String> configs = new HashMap<>();
        for (CreatableTopicConfig config : topic.configs()) {
            if (config.value() == null) {
                throw new InvalidConfigurationException("Null value not supported for topic configs: " + config.name());
            }
            configs.put(config.name(), config.value());
        }
        return creation.check(topic.name(), topic.numPartitions(), topic.replicationFactor(), configs);
    }

    private CreatableTopicResult describe(NewTopic topic) {
        List<CreatableTopicConfigs> configs = descriptions.ofTopic(topic.configs()).stream()
                .map(setting -> new CreatableTopicConfigs()
                        .setName(setting.name())
                        .setValue(setting.value())
                        .setReadOnly(setting.readOnly())
                        .setIsSensitive(setting.sensitive())
                        .setConfigSource(setting.source().id()))
                .toList();
        return new CreatableTopicResult()
                .setName(topic.name())
                .setNumPartitions(topic.partitions())
                .setReplicationFactor((short) topic.replicationFactor())
                .setConfigs(configs);
    }

    private static InvalidRequestException duplicate() {
        return new InvalidRequestException("Duplicate topic name.");
    }

    private static CompletableFuture<CreatableTopicResult> refused(String name, Throwable failure) {
        return CompletableFuture.completedFuture(failed(name, failure));
    }

    private static CreatableTopicResult failed(String name, Throwable failure) {
        ApiError error = AdminErrors.of(failure);
        return new CreatableTopicResult()
                .setName(name)
                .setErrorCode(error.error().code())
                .setErrorMessage(error.messageWithFallback());
    }
}
