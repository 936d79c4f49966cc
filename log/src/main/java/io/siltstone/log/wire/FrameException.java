package io.siltstone.log.wire;

import io.netty.handler.codec.DecoderException;

/** Bytes that are no frame of this protocol: the peer is none of ours, or broken. The connection is of no use after it. */
public final class FrameException extends DecoderException {

    private static final long serialVersionUID = 1L;

    public FrameException(String message) {
        super(message);
    }

    public FrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
