package io.siltstone.log.wire;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * A frame to be written to a channel. The channel takes over one reference of each payload and releases it when its
 * bytes are gone, or the write has failed.
 *
 * @param payloads the entries' bytes in the order of the header's entries; written as they are, never copied
 */
public record OutgoingFrame(MessageLite header, List<ByteBuf> payloads) {

    /** A message without payload. */
    public static OutgoingFrame of(MessageLite header) {
        return new OutgoingFrame(header, List.of());
    }

    void release() {
        for (int i = 0; i < payloads.size(); i++) {
            payloads.get(i).release();
        }
    }
}
