package io.siltstone.ingest.connection;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;

/**
 * The record fields of one parsed request, each as a slice of the frame that it came in. Kafka's codec hands out plain
 * {@link ByteBuffer}s, which cannot be retained; this remembers where each lies.
 */
public final class RecordSlices {

    private static final RecordSlices NONE = new RecordSlices();

    private final IdentityHashMap<BaseRecords, ByteBuf> slices = new IdentityHashMap<>();

    RecordSlices() {}

    /** Of a request without records. */
    public static RecordSlices none() {
        return NONE;
    }

    /** The frame's bytes behind the records of this request; borrowed. */
    public ByteBuf of(BaseRecords records) {
        ByteBuf slice = slices.get(records);
        if (slice == null) {
            throw new IllegalArgumentException("these records are not of this request");
        }
        return slice;
    }

    /** A reader of the frame's remaining bytes that notes each field of records. */
    ByteBufferAccessor reading(ByteBuf frame, ByteBuffer remaining) {
        return new ByteBufferAccessor(remaining) {
            @Override
            public MemoryRecords readRecords(int length) {
                if (length < 0) {
                    return super.readRecords(length);
                }
                int index = frame.readerIndex() + remaining.position();
                MemoryRecords records = super.readRecords(length);
                slices.put(records, frame.slice(index, length));
                return records;
            }
        };
    }
}
