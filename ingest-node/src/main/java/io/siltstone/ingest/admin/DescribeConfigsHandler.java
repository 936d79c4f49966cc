package io.siltstone.ingest.admin;

import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;

/** Tells the settings of topics and of this node. */
final class DescribeConfigsHandler implements ApiHandler {

    private final int node;
    private final ClusterView view;
    private final ConfigDescriptions descriptions;

    DescribeConfigsHandler(int node, ClusterView view, ConfigDescriptions descriptions) {
        this.node = node;
        this.view = view;
        this.descriptions = descriptions;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        DescribeConfigsRequestData data = ((DescribeConfigsRequest) request.body()).data();
        List<DescribeConfigsResult> results = data.resources().stream()
                .map(resource -> describe(resource, data))
                .toList();
        return CompletableFuture.completedFuture(
                new DescribeConfigsResponse(new DescribeConfigsResponseData().setResults(results)));
    }

    private DescribeConfigsResult describe(DescribeConfigsResource resource, DescribeConfigsRequestData request) {
        DescribeConfigsResult result = new DescribeConfigsResult()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName());
        try {
            List<String> names = resource.configurationKeys();
            return result.setConfigs(settings(resource).stream()
                    .filter(setting -> names == null || names.isEmpty() || names.contains(setting.name()))
                    .map(setting -> told(setting, request))
                    .toList());
        } catch (RuntimeException e) {
            ApiError error = AdminErrors.of(e);
            return result.setErrorCode(error.error().code()).setErrorMessage(error.messageWithFallback());
        }
    }

    private List<Setting> settings(DescribeConfigsResource resource) {
        ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
        return switch (type) {
            case TOPIC -> descriptions.ofTopic(topic(resource.resourceName()).configs());
            case BROKER -> ofBroker(resource.resourceName());
            case BROKER_LOGGER, CLIENT_METRICS, GROUP, UNKNOWN ->
                throw new InvalidRequestException("Settings of " + type + " resources are not kept here.");
        };
    }

    private TopicImage topic(String name) {
        Topic.validate(name);
        return view.image()
                .topic(name)
                .orElseThrow(() -> new UnknownTopicOrPartitionException("The topic '" + name + "' does not exist."));
    }

    private List<Setting> ofBroker(String name) {
        if (name.isEmpty()) {
            return List.of(); // the cluster-wide dynamic settings, of which there are none
        }
        if (!name.equals(String.valueOf(node))) {
            throw new InvalidRequestException("Unexpected broker id, expected " + node + ", but received " + name);
        }
        return descriptions.ofNode();
    }

    private static DescribeConfigsResourceResult told(Setting setting, DescribeConfigsRequestData request) {
        DescribeConfigsResourceResult told = new DescribeConfigsResourceResult()
                .setName(setting.name())
                .setValue(setting.value())
                .setReadOnly(setting.readOnly())
                .setIsSensitive(setting.sensitive())
                .setConfigSource(setting.source().id())
                .setConfigType(setting.type().id());
        if (request.includeDocumentation()) {
            told.setDocumentation(setting.documentation());
        }
        if (request.includeSynonyms()) {
            told.setSynonyms(setting.synonyms().stream()
                    .map(synonym -> new DescribeConfigsSynonym()
                            .setName(synonym.name())
                            .setValue(synonym.value())
                            .setSource(synonym.source().id()))
                    .toList());
        }
        return told;
    }
}
