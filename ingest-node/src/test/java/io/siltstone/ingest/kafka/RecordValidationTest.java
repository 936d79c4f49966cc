package io.siltstone.ingest.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicSettings;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.CorruptRecordException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.RecordValidationException;
import org.junit.jupiter.api.Test;

class RecordValidationTest {

    private static final TopicPartition PARTITION = new TopicPartition("stones", 0);
    private static final long TIME = System.currentTimeMillis();
    private static final int CRC_POSITION = 17;

    private final RecordValidation validation = new RecordValidation(UnpooledByteBufAllocator.DEFAULT);

    @Test
    void setsOffsetAndEpochWhereTheBatchLiesAndNothingElse() {
        MemoryRecords sent = batch(TIME, "a", "b");
        byte[] before = Utils.toArray(sent.buffer());

        RecordValidation.Validated taken = assign(sent, settings());

        byte[] after = ByteBufUtil.getBytes(taken.bytes());
        assertThat(ByteBuffer.wrap(after).getLong(0)).isEqualTo(40);
        assertThat(taken.batch().partitionLeaderEpoch()).isEqualTo(7);
        assertThat(taken.offsetCount()).isEqualTo(2);
        assertThat(taken.logAppendTimeMs()).isEqualTo(-1);
        assertThat(ByteBuffer.wrap(after, CRC_POSITION, after.length - CRC_POSITION))
                .isEqualTo(ByteBuffer.wrap(before, CRC_POSITION, before.length - CRC_POSITION));
    }

    @Test
    void refusesAFlippedBit() {
        MemoryRecords sent = batch(TIME, "a");
        int last = sent.sizeInBytes() - 1;
        sent.buffer().put(last, (byte) (sent.buffer().get(last) ^ 1));

        assertThatThrownBy(() -> validation.check(sent, settings())).isInstanceOf(CorruptRecordException.class);
    }

    @Test
    void refusesWhatIsLargerThanTheTopicAllows() {
        assertThatThrownBy(() -> validation.check(batch(TIME, "a".repeat(100)), settings("max.message.bytes", "100")))
                .isInstanceOf(RecordTooLargeException.class);
    }

    @Test
    void refusesWhatIsNotOneBatchOfTheFormat() {
        ByteBuffer two = ByteBuffer.allocate(1_000);
        two.put(batch(TIME, "a").buffer()).put(batch(TIME, "b").buffer()).flip();
        MemoryRecords old = MemoryRecords.withRecords(
                RecordBatch.MAGIC_VALUE_V1,
                0,
                Compression.NONE,
                TimestampType.CREATE_TIME,
                new SimpleRecord(TIME, Utils.utf8("a")));
        for (MemoryRecords wrong : List.of(MemoryRecords.EMPTY, MemoryRecords.readableRecords(two), old)) {
            assertThatThrownBy(() -> validation.check(wrong, settings())).isInstanceOf(InvalidRecordException.class);
        }
    }

    @Test
    void refusesATimeTooFarAhead() {
        long later = TIME + TimeUnit.DAYS.toMillis(2);

        assertThatThrownBy(() -> assign(batch(later, "a"), settings())).isInstanceOf(RecordValidationException.class);
    }

    @Test
    void givesRecordsTheTimeOfTheAppendWhereTheTopicAsksForIt() {
        RecordValidation.Validated taken = assign(batch(5, "a"), settings("message.timestamp.type", "LogAppendTime"));

        assertThat(taken.logAppendTimeMs()).isGreaterThanOrEqualTo(TIME);
        assertThat(taken.batch().timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
        assertThat(taken.batch().maxTimestamp()).isEqualTo(taken.logAppendTimeMs());
        taken.batch().ensureValid();
    }

    @Test
    void compressesAgainWhereTheTopicAsksForIt() {
        RecordValidation.Validated taken = assign(batch(TIME, "a", "b"), settings("compression.type", "gzip"));

        assertThat(taken.batch().compressionType()).isEqualTo(CompressionType.GZIP);
        assertThat(taken.batch().baseOffset()).isEqualTo(40);
        List<String> values = new ArrayList<>();
        for (Record record : MemoryRecords.readableRecords(taken.bytes().nioBuffer())
                .batches()
                .iterator()
                .next()) {
            values.add(Utils.utf8(record.value()));
        }
        assertThat(values).containsExactly("a", "b");
    }

    private RecordValidation.Validated assign(MemoryRecords sent, TopicSettings settings) {
        return validation.assign(
                PARTITION,
                sent,
                validation.check(sent, settings),
                Unpooled.wrappedBuffer(sent.buffer()),
                settings,
                40,
                7,
                AppendOrigin.CLIENT);
    }

    private static TopicSettings settings(String... keyAndValue) {
        return new TopicDefaults(Map.of())
                .settings(keyAndValue.length == 0 ? Map.of() : Map.of(keyAndValue[0], keyAndValue[1]));
    }

    private static MemoryRecords batch(long timestampMs, String... values) {
        SimpleRecord[] records = new SimpleRecord[values.length];
        for (int i = 0; i < values.length; i++) {
            records[i] = new SimpleRecord(timestampMs, Utils.utf8(values[i]));
        }
        return MemoryRecords.withRecords(Compression.NONE, records);
    }
}
