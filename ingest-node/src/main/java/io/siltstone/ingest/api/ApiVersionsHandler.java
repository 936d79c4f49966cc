package io.siltstone.ingest.api;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;

/** Tells what is served, in every version that the codec has. Produce is told from version 0, as Kafka 4 does. */
public final class ApiVersionsHandler implements ApiHandler {

    private final ApiHandlers handlers;

    public ApiVersionsHandler(ApiHandlers handlers) {
        this.handlers = handlers;
    }

    @Override
    public CompletionStage<AbstractResponse> handle(Request request) {
        ApiVersionsRequest body = (ApiVersionsRequest) request.body();
        if (body.hasUnsupportedRequestVersion()) {
            return CompletableFuture.completedFuture(
                    body.getErrorResponse(0, new UnsupportedVersionException("a newer version than is served")));
        }
        if (!body.isValid()) {
            return CompletableFuture.completedFuture(body.getErrorResponse(0, Errors.INVALID_REQUEST.exception()));
        }
        return CompletableFuture.completedFuture(new ApiVersionsResponse.Builder()
                .setApiVersions(ApiVersionsResponse.collectApis(ListenerType.BROKER, handlers.apis(), false))
                .setSupportedFeatures(Features.emptySupportedFeatures())
                .setFinalizedFeatures(Map.of())
                .setFinalizedFeaturesEpoch(0)
                .build());
    }
}
