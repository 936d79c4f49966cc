package io.siltstone.ingest.cluster;

import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.connection.ClientConnection;
import io.siltstone.ingest.connection.ConnectionEnd;
import io.siltstone.ingest.connection.RecordSlices;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.ObjectSerializationCache;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Sends requests to handlers as a client would: both ways through the codec of the version asked for. */
public final class Requests {

    private static final EventLoop LOOP = new DefaultEventLoop();

    private final ApiHandlers handlers;

    public Requests(ApiHandlers handlers) {
        this.handlers = handlers;
    }

    /** Sends in the newest version. */
    public <T extends AbstractResponse> T send(AbstractRequest.Builder<?> request, Class<T> response) {
        return send(request, request.apiKey().latestVersion(), response);
    }

    public <T extends AbstractResponse> T send(AbstractRequest.Builder<?> builder, int version, Class<T> responseType) {
        try {
            return sendAsync(builder, version, responseType).get(20, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new AssertionError(builder.apiKey() + " version " + version + " failed", e);
        }
    }

    public <T extends AbstractResponse> CompletableFuture<T> sendAsync(
            AbstractRequest.Builder<?> builder, int version, Class<T> responseType) {
        AbstractRequest request = builder.build((short) version);
        AbstractRequest parsed = AbstractRequest.parseRequest(
                        request.apiKey(),
                        request.version(),
                        new ByteBufferAccessor(request.serialize().buffer()))
                .request;
        return handlers.handler(request.apiKey())
                .orElseThrow()
                .handle(new Request(context(request), parsed, connection(), RecordSlices.none()))
                .toCompletableFuture()
                .thenApply(response -> responseType.cast(AbstractResponse.parseResponse(
                        request.apiKey(),
                        new ByteBufferAccessor(serialize(response, request.version())),
                        request.version())));
    }

    private static ByteBuffer serialize(AbstractResponse response, short version) {
        ObjectSerializationCache cache = new ObjectSerializationCache();
        ByteBuffer buffer = ByteBuffer.allocate(response.data().size(cache, version));
        response.data().write(new ByteBufferAccessor(buffer), cache, version);
        return buffer.flip();
    }

    private static RequestContext context(AbstractRequest request) {
        return new RequestContext(
                new RequestHeader(request.apiKey(), request.version(), "test-client", 1),
                "1",
                InetAddress.getLoopbackAddress(),
                KafkaPrincipal.ANONYMOUS,
                new ListenerName("PLAINTEXT"),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
    }

    private static ClientConnection connection() {
        return new ClientConnection(
                "1",
                InetAddress.getLoopbackAddress(),
                1,
                KafkaPrincipal.ANONYMOUS,
                new ListenerName("PLAINTEXT"),
                SecurityProtocol.PLAINTEXT,
                new ConnectionEnd(() -> {}),
                LOOP);
    }
}
