package io.siltstone.log.wire;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC32C (Castagnoli) over a buffer where it lies. */
public final class Crc32c {

    private Crc32c() {}

    /** The checksum of the readable bytes; indices stay as they are. */
    public static int of(ByteBuf bytes) {
        return of(bytes, bytes.readerIndex(), bytes.readableBytes());
    }

    public static int of(ByteBuf bytes, int index, int length) {
        CRC32C crc = new CRC32C();
        if (bytes.hasArray()) {
            crc.update(bytes.array(), bytes.arrayOffset() + index, length);
        } else if (bytes.nioBufferCount() == 1) {
            crc.update(bytes.nioBuffer(index, length));
        } else {
            for (ByteBuffer part : bytes.nioBuffers(index, length)) {
                crc.update(part);
            }
        }
        return (int) crc.getValue();
    }
}
