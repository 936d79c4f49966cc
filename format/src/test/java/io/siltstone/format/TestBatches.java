package io.siltstone.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Real record batches, made by Kafka's own builder. */
public final class TestBatches {

    private TestBatches() {}

    /** One batch; record i has timestamp {@code timestamp + i}. */
    public static ByteBuffer batch(long baseOffset, int epoch, long timestamp, int records, int valueBytes) {
        SimpleRecord[] all = new SimpleRecord[records];
        for (int i = 0; i < records; i++) {
            byte[] value = "v".repeat(valueBytes).getBytes(StandardCharsets.UTF_8);
            all[i] = new SimpleRecord(
                    timestamp + i, ("key-" + (baseOffset + i)).getBytes(StandardCharsets.UTF_8), value);
        }
        return MemoryRecords.withRecords(baseOffset, Compression.NONE, epoch, all)
                .buffer();
    }

    public static ByteBuffer concat(ByteBuffer... parts) {
        int bytes = 0;
        for (ByteBuffer part : parts) {
            bytes += part.remaining();
        }
        ByteBuffer all = ByteBuffer.allocate(bytes);
        for (ByteBuffer part : parts) {
            all.put(part.duplicate());
        }
        return all.flip();
    }
}
