package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * An answer ready for the socket.
 *
 * @param buffers one frame, in order; whoever holds the answer releases them or hands them on
 * @param whenGone to be called once when the socket has taken the buffers, or they are dropped
 */
record EncodedResponse(List<ByteBuf> buffers, List<Runnable> whenGone) {

    /** Lets go of an answer that is not sent. */
    void drop() {
        buffers.forEach(ByteBuf::release);
        gone();
    }

    void gone() {
        whenGone.forEach(Runnable::run);
    }
}
