package io.siltstone.testkit.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Record batches of one record, as far as the log looks at them: the header's places are right, the rest is an id. */
final class Batches {

    private static final int HEADER_BYTES = 61;
    private static final int ID_BYTES = 4;

    private Batches() {}

    static ByteBuf of(int id, long offset, int fillBytes) {
        ByteBuf batch = Unpooled.buffer(HEADER_BYTES + ID_BYTES + fillBytes);
        batch.writeZero(HEADER_BYTES);
        batch.setLong(0, offset);
        batch.setInt(8, HEADER_BYTES - 12 + ID_BYTES + fillBytes);
        batch.setByte(16, 2);
        batch.setLong(35, 1_000_000L + id);
        batch.writeInt(id);
        for (int i = 0; i < fillBytes; i++) {
            batch.writeByte(id + i);
        }
        return batch;
    }

    static int id(ByteBuf batch) {
        return batch.getInt(batch.readerIndex() + HEADER_BYTES);
    }

    static long offset(ByteBuf batch) {
        return batch.getLong(batch.readerIndex());
    }
}
