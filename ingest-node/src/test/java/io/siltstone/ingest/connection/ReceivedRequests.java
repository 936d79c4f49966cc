package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.siltstone.ingest.api.Request;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Requests as a connection hands them to their handlers, with their records as slices of what was received. */
public final class ReceivedRequests {

    private static final ListenerName LISTENER = new ListenerName("PLAINTEXT");

    private ReceivedRequests() {}

    /** One that a connection of that event loop received. */
    public static Request receive(AbstractRequest sent, EventLoop loop) {
        return receive(sent, loop, new ConnectionEnd(() -> {}));
    }

    /** One that the connection of that event loop and that end received. */
    public static Request receive(AbstractRequest sent, EventLoop loop, ConnectionEnd end) {
        ByteBuf frame = Unpooled.copiedBuffer(sent.serialize().buffer());
        ByteBuffer bytes = frame.nioBuffer();
        RecordSlices slices = new RecordSlices();
        AbstractRequest body =
                AbstractRequest.parseRequest(sent.apiKey(), sent.version(), slices.reading(frame, bytes)).request;
        ClientConnection from = new ClientConnection(
                "1",
                InetAddress.getLoopbackAddress(),
                1,
                KafkaPrincipal.ANONYMOUS,
                LISTENER,
                SecurityProtocol.PLAINTEXT,
                end,
                loop);
        RequestContext context = new RequestContext(
                new RequestHeader(sent.apiKey(), sent.version(), "test-client", 1),
                from.id(),
                from.address(),
                from.principal(),
                from.listener(),
                from.securityProtocol(),
                ClientInformation.EMPTY,
                false);
        return new Request(context, body, from, slices);
    }
}
