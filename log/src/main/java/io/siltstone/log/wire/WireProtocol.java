package io.siltstone.log.wire;

import io.siltstone.log.EntryHeader;

/** The numbers of the protocol that both ends must agree on. */
public final class WireProtocol {

    /** Told in Hello and HelloReply; an end that does not speak the other's version answers WRONG_DISK and closes. */
    public static final int VERSION = 1;

    /** The most payload bytes of a frame; one entry of greatest length fits. */
    public static final int MAX_PAYLOAD_BYTES = EntryHeader.MAX_LENGTH;

    /** The most bytes of a frame's header message. */
    public static final int MAX_HEADER_BYTES = 4 << 20;

    private WireProtocol() {}
}
