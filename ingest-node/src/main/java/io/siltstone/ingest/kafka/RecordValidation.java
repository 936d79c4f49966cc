package io.siltstone.ingest.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.siltstone.ingest.topic.TopicSettings;
import java.nio.ByteBuffer;
import java.util.Iterator;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.server.record.BrokerCompressionType;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.apache.kafka.storage.internals.log.LogValidator;

/**
 * Checks produced batches and gives them their offsets, with Kafka's own validator. Confined to one event loop.
 *
 * <p>Offsets and leader epoch lie outside the batch's CRC and are set where the batch lies. Only what the topic asks
 * for, another compression or the time of the append, changes more.
 */
public final class RecordValidation {

    private static final LogValidator.MetricsRecorder UNRECORDED = new LogValidator.MetricsRecorder() {
        @Override
        public void recordInvalidMagic() {}

        @Override
        public void recordInvalidOffset() {}

        @Override
        public void recordInvalidSequence() {}

        @Override
        public void recordInvalidChecksums() {}

        @Override
        public void recordNoKeyCompactedTopic() {}
    };

    private final ByteBufAllocator allocator;
    private final BufferSupplier decompressionBuffers = BufferSupplier.create();

    public RecordValidation(ByteBufAllocator allocator) {
        this.allocator = allocator;
    }

    /**
     * Checks size, format and CRC of the one batch that a producer may send a partition in a request.
     *
     * @throws RecordTooLargeException above the topic's {@code max.message.bytes}
     * @throws CorruptRecordException where the CRC or the length does not fit
     * @throws InvalidRecordException where it is not one batch of format 2
     */
    public MutableRecordBatch check(MemoryRecords records, TopicSettings settings) {
        Iterator<MutableRecordBatch> batches = records.batches().iterator();
        if (!batches.hasNext()) {
            throw new InvalidRecordException(
                    "a record set of " + records.sizeInBytes() + " bytes holds no whole batch");
        }
        MutableRecordBatch batch = batches.next();
        if (batches.hasNext() || batch.magic() != RecordBatch.CURRENT_MAGIC_VALUE) {
            throw new InvalidRecordException(
                    "one batch of format 2 is taken, not more and not of format " + batch.magic());
        }
        checkSize(batch.sizeInBytes(), settings.log());
        batch.ensureValid();
        return batch;
    }

    private static void checkSize(int bytes, LogConfig config) {
        if (bytes > config.maxMessageSize()) {
            throw new RecordTooLargeException("a record batch of " + bytes + " bytes, the topic's max.message.bytes is "
                    + config.maxMessageSize());
        }
    }

    /**
     * Gives a checked batch its offsets.
     *
     * @param bytes the batch's own bytes; borrowed
     * @return the batch as it is to be appended
     * @throws org.apache.kafka.storage.internals.log.RecordValidationException naming the records that break the topic's
     *     rules
     */
    public Validated assign(
            TopicPartition partition,
            MemoryRecords records,
            MutableRecordBatch batch,
            ByteBuf bytes,
            TopicSettings settings,
            long baseOffset,
            int epoch,
            AppendOrigin origin) {
        LogConfig config = settings.log();
        PrimitiveRef.LongRef offset = PrimitiveRef.ofLong(baseOffset);
        LogValidator.ValidationResult result = new LogValidator(
                        records,
                        partition,
                        Time.SYSTEM,
                        batch.compressionType(),
                        BrokerCompressionType.targetCompression(config.compression, batch.compressionType()),
                        config.compact,
                        RecordBatch.CURRENT_MAGIC_VALUE,
                        config.messageTimestampType,
                        config.messageTimestampBeforeMaxMs,
                        config.messageTimestampAfterMaxMs,
                        epoch,
                        origin)
                .validateMessagesAndAssignOffsets(offset, UNRECORDED, decompressionBuffers);
        int offsetCount = Math.toIntExact(offset.value - baseOffset);
        long logAppendTimeMs = config.messageTimestampType == TimestampType.LOG_APPEND_TIME
                ? result.logAppendTimeMs()
                : RecordBatch.NO_TIMESTAMP;
        if (!result.messageSizeMaybeChanged()) {
            return new Validated(
                    bytes.retainedSlice(bytes.readerIndex(), batch.sizeInBytes()), batch, offsetCount, logAppendTimeMs);
        }
        ByteBuffer rebuilt = result.validatedRecords().buffer();
        checkSize(rebuilt.remaining(), config);
        MutableRecordBatch rebuiltBatch =
                result.validatedRecords().batches().iterator().next();
        return new Validated(
                allocator.directBuffer(rebuilt.remaining()).writeBytes(rebuilt),
                rebuiltBatch,
                offsetCount,
                logAppendTimeMs);
    }

    /**
     * A batch ready to be appended.
     *
     * @param bytes one reference, the receiver's
     * @param batch the header, readable while the bytes live
     * @param logAppendTimeMs what the records got as their time; -1 where they kept their own
     */
    public record Validated(ByteBuf bytes, RecordBatch batch, int offsetCount, long logAppendTimeMs) {}
}
