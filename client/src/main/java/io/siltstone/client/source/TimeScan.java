package io.siltstone.client.source;

import io.siltstone.client.record.BatchDecoder;
import io.siltstone.format.BatchHeader;
import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.BufferSupplier;

/** Finds a time within the batches of one block. */
final class TimeScan {

    private TimeScan() {}

    /** The first offset, in offset order, of that time (ms) or later; the bytes were checked. */
    static OptionalLong firstOffset(TopicPartition partition, ByteBuffer batches, long timestamp) {
        for (BatchHeader header : BatchHeader.in(batches)) {
            if (header.maxTimestamp() < timestamp) {
                continue;
            }
            try (BatchDecoder records = BatchDecoder.of(partition, header.bytes(), BufferSupplier.NO_CACHING)) {
                if (records == null) {
                    continue;
                }
                while (records.hasNext()) {
                    ConsumerRecord<byte[], byte[]> record = records.next();
                    if (record.timestamp() >= timestamp) {
                        return OptionalLong.of(record.offset());
                    }
                }
            }
        }
        return OptionalLong.empty();
    }
}
