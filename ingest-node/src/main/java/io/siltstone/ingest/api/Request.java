package io.siltstone.ingest.api;

import io.siltstone.ingest.connection.ClientConnection;
import io.siltstone.ingest.connection.RecordSlices;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;

/**
 * A parsed request. Byte buffers inside its body are views of the received frame, which lives until the handler's answer
 * is complete; who needs bytes for longer retains a slice or copies.
 *
 * @param context header, principal and client as Kafka's own classes want them
 * @param body the parsed request
 * @param connection where it came from
 * @param records the record bytes in the body as slices that can be retained
 */
public record Request(RequestContext context, AbstractRequest body, ClientConnection connection, RecordSlices records) {

    public RequestHeader header() {
        return context.header;
    }
}
