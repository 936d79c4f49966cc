package io.siltstone.log.wire;

import com.google.protobuf.MessageLite;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.DefaultByteBufHolder;

/**
 * A frame that arrived: its header message, and its payload as a slice of the one buffer that holds the whole frame.
 * Who receives it releases it; a part of the payload that is to live on is retained first.
 */
public final class Frame<H extends MessageLite> extends DefaultByteBufHolder {

    private final H header;

    public Frame(H header, ByteBuf payload) {
        super(payload);
        this.header = header;
    }

    public H header() {
        return header;
    }

    /** The entries' bytes, one after the other; empty where the message carries none. Borrowed from the frame. */
    public ByteBuf payload() {
        return content();
    }

    @Override
    public Frame<H> replace(ByteBuf content) {
        return new Frame<>(header, content);
    }

    // The holder's equality compares contents and forgets the header; a frame is only itself.
    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
