package io.siltstone.ingest.api;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;

/** Gives idempotent producers their ids. Transactional ones are refused. */
public final class InitProducerIdHandler implements ApiHandler {

    private final ProducerIds ids;

    public InitProducerIdHandler(ProducerIds ids) {
        this.ids = ids;
    }

    @Override
    public CompletionStage<? extends AbstractResponse> handle(Request request) {
        InitProducerIdRequest body = (InitProducerIdRequest) request.body();
        if (body.data().transactionalId() != null) {
            return CompletableFuture.failedFuture(new InvalidRequestException("transactions are not supported"));
        }
        return ids.next()
                .thenApply(id -> new InitProducerIdResponse(
                        new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0)));
    }
}
