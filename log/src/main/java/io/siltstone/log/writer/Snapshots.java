package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/**
 * The payload of snapshot entries: the segment's greatest timestamp and its batch's offset (8 bytes each, big-endian),
 * then the partition's state as the ingest node wrote it, cut into chunks of at most 1 MiB.
 */
final class Snapshots {

    private static final int CHUNK_BYTES = 1 << 20;
    private static final int TIMESTAMP_BYTES = 16;

    private Snapshots() {}

    /** Takes the state over; the chunks belong to the caller. */
    static List<ByteBuf> chunks(BatchTimestamps timestamps, ByteBuf state) {
        CompositeByteBuf whole = Unpooled.compositeBuffer(2)
                .addComponent(
                        true,
                        Unpooled.buffer(TIMESTAMP_BYTES)
                                .writeLong(timestamps.max())
                                .writeLong(timestamps.offset()))
                .addComponent(true, state);
        try {
            List<ByteBuf> chunks = new ArrayList<>();
            while (whole.isReadable()) {
                chunks.add(Unpooled.wrappedBuffer(
                        ByteBufUtil.getBytes(whole.readSlice(Math.min(CHUNK_BYTES, whole.readableBytes())))));
            }
            return chunks;
        } finally {
            whole.release();
        }
    }

    /** Reads past the timestamps; what stays readable is the state. */
    static BatchTimestamps readTimestamps(ByteBuf whole) {
        return new BatchTimestamps(whole.readLong(), whole.readLong());
    }
}
