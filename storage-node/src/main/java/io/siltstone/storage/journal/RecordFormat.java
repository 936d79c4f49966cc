package io.siltstone.storage.journal;

import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.zip.CRC32C;

/** The header of a record: one layout for all types, with a checksum of its own, so that a read needs no group. */
public final class RecordFormat {

    public static final int HEADER_BYTES = 96;

    static final byte ENTRY = 1;
    static final byte FENCE = 2;
    static final byte DROP = 3;
    /** An entry again, at another place. */
    static final byte MOVED = 4;

    private static final byte BATCHES = 0;
    private static final byte SNAPSHOT = 1;

    private static final int TYPE_AT = 0;
    private static final int KIND_AT = 1;
    private static final int LENGTH_AT = 4;
    private static final int TOPIC_HIGH_AT = 8;
    private static final int TOPIC_LOW_AT = 16;
    private static final int PARTITION_AT = 24;
    private static final int EPOCH_AT = 28;
    private static final int SEGMENT_AT = 32;
    private static final int ENTRY_AT = 40;
    private static final int LAST_CONFIRMED_AT = 48;
    private static final int BASE_OFFSET_AT = 56;
    private static final int OFFSET_COUNT_AT = 64;
    private static final int CHUNK_AT = 68;
    private static final int CHUNKS_AT = 72;
    private static final int PAYLOAD_CRC_AT = 76;
    private static final int APPEND_TIME_AT = 80;
    private static final int HEADER_CRC_AT = 92;

    private RecordFormat() {}

    static void writeEntry(ByteBuffer out, EntryHeader header, boolean moved) {
        int at = begin(
                out,
                moved ? MOVED : ENTRY,
                header.segment().partition(),
                header.segment().number(),
                header.epoch());
        out.put(at + KIND_AT, header.kind() == EntryKind.BATCHES ? BATCHES : SNAPSHOT)
                .putInt(at + LENGTH_AT, header.length())
                .putLong(at + ENTRY_AT, header.entry())
                .putLong(at + LAST_CONFIRMED_AT, header.lastConfirmed())
                .putLong(at + BASE_OFFSET_AT, header.baseOffset())
                .putInt(at + OFFSET_COUNT_AT, header.offsetCount())
                .putInt(at + CHUNK_AT, header.chunk())
                .putInt(at + CHUNKS_AT, header.chunks())
                .putInt(at + PAYLOAD_CRC_AT, header.crc())
                .putLong(at + APPEND_TIME_AT, header.appendTimeMs());
        end(out, at);
    }

    static void writeFence(ByteBuffer out, SegmentId segment, int epoch) {
        end(out, begin(out, FENCE, segment.partition(), segment.number(), epoch));
    }

    static void writeDrop(ByteBuffer out, PartitionId partition, long below) {
        end(out, begin(out, DROP, partition, below, 0));
    }

    private static int begin(ByteBuffer out, byte type, PartitionId partition, long number, int epoch) {
        int at = out.position();
        for (int i = 0; i < HEADER_BYTES; i += Long.BYTES) {
            out.putLong(at + i, 0);
        }
        out.put(at + TYPE_AT, type)
                .putLong(at + TOPIC_HIGH_AT, partition.topic().getMostSignificantBits())
                .putLong(at + TOPIC_LOW_AT, partition.topic().getLeastSignificantBits())
                .putInt(at + PARTITION_AT, partition.partition())
                .putInt(at + EPOCH_AT, epoch)
                .putLong(at + SEGMENT_AT, number);
        return at;
    }

    private static void end(ByteBuffer out, int at) {
        out.putInt(at + HEADER_CRC_AT, headerCrc(out, at)).position(at + HEADER_BYTES);
    }

    /** Whether the 96 bytes there are a record's header as it was written. */
    public static boolean isValid(ByteBuffer in, int at) {
        return in.limit() - at >= HEADER_BYTES
                && in.get(at + TYPE_AT) >= ENTRY
                && in.get(at + TYPE_AT) <= MOVED
                && in.getInt(at + LENGTH_AT) >= 0
                && in.getInt(at + HEADER_CRC_AT) == headerCrc(in, at);
    }

    static byte type(ByteBuffer in, int at) {
        return in.get(at + TYPE_AT);
    }

    static int payloadBytes(ByteBuffer in, int at) {
        return in.getInt(at + LENGTH_AT);
    }

    static PartitionId partition(ByteBuffer in, int at) {
        return new PartitionId(
                new UUID(in.getLong(at + TOPIC_HIGH_AT), in.getLong(at + TOPIC_LOW_AT)), in.getInt(at + PARTITION_AT));
    }

    /** The segment's number; of a drop the number below which everything goes. */
    static long segmentNumber(ByteBuffer in, int at) {
        return in.getLong(at + SEGMENT_AT);
    }

    static int epoch(ByteBuffer in, int at) {
        return in.getInt(at + EPOCH_AT);
    }

    /** The entry's header that a valid record of an entry holds. */
    public static EntryHeader entry(ByteBuffer in, int at) {
        return new EntryHeader(
                new SegmentId(partition(in, at), segmentNumber(in, at)),
                in.getLong(at + ENTRY_AT),
                epoch(in, at),
                in.getLong(at + LAST_CONFIRMED_AT),
                in.getLong(at + BASE_OFFSET_AT),
                in.getInt(at + OFFSET_COUNT_AT),
                in.getLong(at + APPEND_TIME_AT),
                in.get(at + KIND_AT) == BATCHES ? EntryKind.BATCHES : EntryKind.SNAPSHOT,
                in.getInt(at + CHUNK_AT),
                in.getInt(at + CHUNKS_AT),
                in.getInt(at + PAYLOAD_CRC_AT),
                in.getInt(at + LENGTH_AT));
    }

    static int crc(ByteBuffer bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(at + length).position(at));
        return (int) crc.getValue();
    }

    private static int headerCrc(ByteBuffer bytes, int at) {
        return crc(bytes, at, HEADER_CRC_AT);
    }
}
