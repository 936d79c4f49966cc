package io.siltstone.storage.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The header of a group: what one force makes durable. Its checksum covers it and the headers of all its records; each
 * payload has its own.
 */
final class GroupFormat {

    static final int HEADER_BYTES = 40;

    private static final int MAGIC = 0x53475250; // SGRP
    private static final int VERSION = 1;
    private static final int MAGIC_AT = 0;
    private static final int VERSION_AT = 4;
    private static final int EPOCH_AT = 8;
    private static final int SEQUENCE_AT = 16;
    private static final int LENGTH_AT = 24;
    private static final int RECORDS_AT = 28;
    private static final int CRC_AT = 32;

    private GroupFormat() {}

    /** Writes all but the checksum at the buffer's start. */
    static void write(ByteBuffer out, long fileEpoch, long sequence, int length, int records) {
        out.putInt(MAGIC_AT, MAGIC)
                .putInt(VERSION_AT, VERSION)
                .putLong(EPOCH_AT, fileEpoch)
                .putLong(SEQUENCE_AT, sequence)
                .putInt(LENGTH_AT, length)
                .putInt(RECORDS_AT, records)
                .putLong(CRC_AT, 0);
    }

    /** Starts the checksum with a written header; the records' headers follow. */
    static CRC32C startCrc(ByteBuffer group, int at) {
        CRC32C crc = new CRC32C();
        crc.update(group.duplicate().limit(at + CRC_AT).position(at));
        return crc;
    }

    static void writeCrc(ByteBuffer out, CRC32C crc) {
        out.putInt(CRC_AT, (int) crc.getValue());
    }

    /** Whether a group of this use of the file may start there; its checksum is yet to be seen. */
    static boolean mayStart(ByteBuffer in, int at, long fileEpoch) {
        return in.limit() - at >= HEADER_BYTES
                && in.getInt(at + MAGIC_AT) == MAGIC
                && in.getInt(at + VERSION_AT) == VERSION
                && in.getLong(at + EPOCH_AT) == fileEpoch
                && in.getInt(at + LENGTH_AT) >= HEADER_BYTES + RecordFormat.HEADER_BYTES
                && in.getInt(at + RECORDS_AT) > 0;
    }

    static long sequence(ByteBuffer in) {
        return in.getLong(SEQUENCE_AT);
    }

    static int length(ByteBuffer in, int at) {
        return in.getInt(at + LENGTH_AT);
    }

    /** Whether the whole group, from position 0 of the buffer to its limit, is as it was written. */
    static boolean isValid(ByteBuffer group) {
        int records = group.getInt(RECORDS_AT);
        CRC32C crc = startCrc(group, 0);
        int at = HEADER_BYTES;
        for (int i = 0; i < records; i++) {
            if (!RecordFormat.isValid(group, at)) {
                return false;
            }
            int payload = RecordFormat.payloadBytes(group, at);
            if (payload > group.limit() - at - RecordFormat.HEADER_BYTES) {
                return false;
            }
            crc.update(group.duplicate().limit(at + RecordFormat.HEADER_BYTES).position(at));
            at += RecordFormat.HEADER_BYTES + payload;
        }
        return at == group.limit() && (int) crc.getValue() == group.getInt(CRC_AT) && payloadsAreValid(group, records);
    }

    private static boolean payloadsAreValid(ByteBuffer group, int records) {
        int at = HEADER_BYTES;
        for (int i = 0; i < records; i++) {
            int payload = RecordFormat.payloadBytes(group, at);
            if (payload > 0
                    && RecordFormat.crc(group, at + RecordFormat.HEADER_BYTES, payload)
                            != RecordFormat.entry(group, at).crc()) {
                return false;
            }
            at += RecordFormat.HEADER_BYTES + payload;
        }
        return true;
    }

    static int records(ByteBuffer group) {
        return group.getInt(RECORDS_AT);
    }

    /** The bytes that a group of this length occupies. */
    static long occupied(long length) {
        long block = JournalFileHeader.BLOCK_BYTES;
        return (length + block - 1) / block * block;
    }
}
