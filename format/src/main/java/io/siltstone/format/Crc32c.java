package io.siltstone.format;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli) of a buffer's remaining bytes. */
public final class Crc32c {

    private Crc32c() {}

    /** The buffer's position does not move. */
    public static int of(ByteBuffer bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate());
        return (int) crc.getValue();
    }
}
