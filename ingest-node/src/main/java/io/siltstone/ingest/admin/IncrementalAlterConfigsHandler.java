package io.siltstone.ingest.admin;

import io.siltstone.ingest.admin.ConfigAlteration.Operation;
import io.siltstone.ingest.api.ApiHandler;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData.AlterConfigsResourceResponse;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.IncrementalAlterConfigsRequest;
import org.apache.kafka.common.requests.IncrementalAlterConfigsResponse;

/** Changes settings of topics. Those of nodes stand in their configuration files, those of other resources nowhere. */
final class IncrementalAlterConfigsHandler implements ApiHandler {

    /** How long the answer waits for this node to know the new settings; other nodes may lag behind in any case. */
    private static final long MAX_WAIT_MS = 2_000;

    private final TopicStore store;
    private final ClusterView view;
    private final TopicDefaults defaults;

    IncrementalAlterConfigsHandler(TopicStore store, ClusterView view, TopicDefaults defaults) {
        this.store = store;
        this.view = view;
        this.defaults = defaults;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        IncrementalAlterConfigsRequestData data = ((IncrementalAlterConfigsRequest) request.body()).data();
        List<CompletableFuture<AlterConfigsResourceResponse>> responses = new ArrayList<>();
        for (AlterConfigsResource resource : data.resources()) {
            responses.add(alter(resource, data.validateOnly())
                    .handle((done, failure) ->
                            response(resource, failure == null ? ApiError.NONE : AdminErrors.of(failure))));
        }
        return CompletableFuture.allOf(responses.toArray(CompletableFuture<?>[]::new))
                .thenApply(all -> new IncrementalAlterConfigsResponse(new IncrementalAlterConfigsResponseData()
                        .setResponses(
                                responses.stream().map(CompletableFuture::join).toList())));
    }

    private CompletableFuture<Boolean> alter(AlterConfigsResource resource, boolean validateOnly) {
        try {
            TopicImage topic = topic(resource);
            ConfigAlteration alteration = alteration(resource);
            alteration.apply(topic.configs());
            if (validateOnly) {
                return CompletableFuture.completedFuture(true);
            }
            return store.alterTopicConfigs(topic.id(), alteration).thenCompose(this::awaitKnown);
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private CompletableFuture<Boolean> awaitKnown(TopicImage altered) {
        return ImageWait.until(
                view,
                image -> image.topic(altered.id())
                        .map(known -> known.configs().equals(altered.configs()))
                        .orElse(true),
                MAX_WAIT_MS);
    }

    private TopicImage topic(AlterConfigsResource resource) {
        ConfigResource.Type type = ConfigResource.Type.forId(resource.resourceType());
        if (type == ConfigResource.Type.BROKER) {
            throw new InvalidRequestException("A node's settings stand in its configuration file.");
        }
        if (type != ConfigResource.Type.TOPIC) {
            throw new InvalidRequestException("Settings of " + type + " resources are not kept here.");
        }
        return view.image()
                .topic(resource.resourceName())
                .orElseThrow(() -> new UnknownTopicOrPartitionException(
                        "The topic '" + resource.resourceName() + "' does not exist."));
    }

    private ConfigAlteration alteration(AlterConfigsResource resource) {
        List<Operation> operations = new ArrayList<>();
        for (AlterableConfig config : resource.configs()) {
            OpType type = OpType.forId(config.configOperation());
            if (type == null) {
                throw new InvalidRequestException("Unknown operation " + config.configOperation());
            }
            operations.add(new Operation(config.name(), type, config.value()));
        }
        return new ConfigAlteration(defaults, operations);
    }

    private static AlterConfigsResourceResponse response(AlterConfigsResource resource, ApiError error) {
        return new AlterConfigsResourceResponse()
                .setResourceType(resource.resourceType())
                .setResourceName(resource.resourceName())
                .setErrorCode(error.error().code())
                .setErrorMessage(error.isFailure() ? error.messageWithFallback() : null);
    }
}
