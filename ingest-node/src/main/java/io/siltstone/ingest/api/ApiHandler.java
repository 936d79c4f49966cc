package io.siltstone.ingest.api;

import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.requests.AbstractResponse;
import org.jspecify.annotations.Nullable;

/** Answers the requests of one API. Called on the connection's event loop, which it must not block. */
@FunctionalInterface
public interface ApiHandler {

    /**
     * Begins to answer the request.
     *
     * @return completes on any thread: with the answer; with null where the client waits for none (acks=0); or with an
     *     exception, which the connection answers with the error code that Kafka's {@code Errors.forException} finds
     */
    CompletionStage<? extends @Nullable AbstractResponse> handle(Request request);
}
