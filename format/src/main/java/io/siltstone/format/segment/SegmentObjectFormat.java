package io.siltstone.format.segment;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The fixed bytes at both ends of a segment object, all numbers big endian. */
public final class SegmentObjectFormat {

    public static final int VERSION = 1;

    /** Magic (8), version (4), zero (4). */
    public static final int HEADER_BYTES = 16;

    /** Index position (8), index length (4), index CRC32C (4), version (4), CRC32C of those 20 (4), magic (8). */
    public static final int FOOTER_BYTES = 32;

    static final byte[] HEADER_MAGIC = "SILTSEGM".getBytes(StandardCharsets.US_ASCII);
    static final byte[] FOOTER_MAGIC = "SILTSEGF".getBytes(StandardCharsets.US_ASCII);
    static final int FOOTER_CRC_AT = 20;

    private SegmentObjectFormat() {}

    static ByteBuffer header() {
        return ByteBuffer.allocate(HEADER_BYTES)
                .put(HEADER_MAGIC)
                .putInt(VERSION)
                .putInt(0)
                .flip();
    }
}
