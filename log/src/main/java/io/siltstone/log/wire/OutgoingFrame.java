package io.siltstone.log.wire;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;
import java.util.List;

/**
 * A frame to be written to a channel. It owns one reference of each payload. Written, it is the channel's: the payloads
 * are released when their bytes are gone or the write has failed, also where the connection was closed before. Who does
 * not write it releases it.
 */
public final class OutgoingFrame extends AbstractReferenceCounted {

    private final MessageLite header;
    private List<ByteBuf> payloads;

    /** @param payloads the entries' bytes in the order of the header's entries; taken over, written as they are */
    public OutgoingFrame(MessageLite header, List<ByteBuf> payloads) {
        this.header = header;
        this.payloads = payloads;
    }

    /** A message without payload. */
    public static OutgoingFrame of(MessageLite header) {
        return new OutgoingFrame(header, List.of());
    }

    MessageLite header() {
        return header;
    }

    List<ByteBuf> payloads() {
        return payloads;
    }

    /** The payloads, which are the caller's from now on; a release of the frame leaves them alone. */
    List<ByteBuf> takePayloads() {
        List<ByteBuf> taken = payloads;
        payloads = List.of();
        return taken;
    }

    @Override
    protected void deallocate() {
        takePayloads().forEach(ByteBuf::release);
    }

    @Override
    public ReferenceCounted touch(Object hint) {
        payloads.forEach(payload -> payload.touch(hint));
        return this;
    }
}
