package io.siltstone.ingest;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestHeader;

/** A plain connection to a node's own Kafka listener, for fetches one after the other. One thread; any may close it. */
final class LoopbackFetch implements AutoCloseable {

    static final short VERSION = ApiKeys.FETCH.latestVersion();

    private static final String CLIENT_ID = "siltstone-warm-up";
    private static final int PATIENCE_MS = 10_000;
    private static final int MAX_ANSWER_BYTES = 4 << 20;

    private final Socket socket = new Socket();
    private int correlationId;

    /** Once, before the first fetch. */
    void connect(InetSocketAddress listener) throws IOException {
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MS);
        socket.connect(listener, PATIENCE_MS);
    }

    /**
     * Asks and waits for the answer.
     *
     * @throws IOException where none comes in ten seconds, or one of more than 4 MiB
     */
    FetchResponse fetch(FetchRequest request) throws IOException {
        RequestHeader header = new RequestHeader(ApiKeys.FETCH, request.version(), CLIENT_ID, correlationId++);
        ByteBuffer bytes = request.serializeWithHeader(header);
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(bytes.remaining());
        out.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        DataInputStream in = new DataInputStream(socket.getInputStream());
        int length = in.readInt();
        if (length < 0 || length > MAX_ANSWER_BYTES) {
            throw new IOException("an answer of " + length + " bytes");
        }
        byte[] answer = new byte[length];
        in.readFully(answer);
        return (FetchResponse) AbstractResponse.parseResponse(ByteBuffer.wrap(answer), header);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
