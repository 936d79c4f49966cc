package io.siltstone.client.record;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.CloseableIterator;
import org.jspecify.annotations.Nullable;

/** Decodes the records of one batch as they are asked for, by Kafka's own code. */
public final class BatchDecoder implements Iterator<ConsumerRecord<byte[], byte[]>>, AutoCloseable {

    private final TopicPartition partition;
    private final RecordBatch batch;
    private final CloseableIterator<Record> records;

    private BatchDecoder(TopicPartition partition, RecordBatch batch, BufferSupplier buffers) {
        this.partition = partition;
        this.batch = batch;
        this.records = batch.streamingIterator(buffers);
    }

    /**
     * The user's records of a batch whose CRC was checked; null for a control batch.
     *
     * @param buffers for decompression, of the calling thread
     */
    public static @Nullable BatchDecoder of(TopicPartition partition, ByteBuffer bytes, BufferSupplier buffers) {
        RecordBatch batch = MemoryRecords.readableRecords(bytes).batchIterator().next();
        return batch.isControlBatch() ? null : new BatchDecoder(partition, batch, buffers);
    }

    @Override
    public boolean hasNext() {
        return records.hasNext();
    }

    @Override
    public ConsumerRecord<byte[], byte[]> next() {
        Record record = records.next();
        byte[] key = bytes(record.hasKey() ? record.key() : null);
        byte[] value = bytes(record.hasValue() ? record.value() : null);
        boolean appendTime = batch.timestampType() == TimestampType.LOG_APPEND_TIME;
        return new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                record.offset(),
                appendTime ? batch.maxTimestamp() : record.timestamp(),
                batch.timestampType(),
                key == null ? ConsumerRecord.NULL_SIZE : key.length,
                value == null ? ConsumerRecord.NULL_SIZE : value.length,
                key,
                value,
                new RecordHeaders(record.headers()),
                Optional.of(batch.partitionLeaderEpoch()));
    }

    @Override
    public void close() {
        records.close();
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] copy = new byte[buffer.remaining()];
        buffer.get(buffer.position(), copy);
        return copy;
    }
}
