package io.siltstone.log;

import java.nio.ByteBuffer;
import java.util.UUID;

/** The identity of a storage disk, minted when it was empty; a wiped disk gets another (rule 1). */
public record DiskId(UUID value) implements Comparable<DiskId> {

    public static final int BYTES = 16;

    public static DiskId fromBytes(ByteBuffer bytes) {
        if (bytes.remaining() != BYTES) {
            throw new IllegalArgumentException("a disk identity has 16 bytes, not " + bytes.remaining());
        }
        int position = bytes.position();
        return new DiskId(new UUID(bytes.getLong(position), bytes.getLong(position + 8)));
    }

    public static DiskId parse(String text) {
        return new DiskId(UUID.fromString(text));
    }

    public byte[] toBytes() {
        return ByteBuffer.allocate(BYTES)
                .putLong(value.getMostSignificantBits())
                .putLong(value.getLeastSignificantBits())
                .array();
    }

    @Override
    public int compareTo(DiskId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value.toString();
    }
}
