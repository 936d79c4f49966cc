package io.siltstone.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/**
 * The frame of every small object: 8 bytes of magic, version, body length and CRC32C of the body (4 bytes each, big
 * endian), then a protobuf message. Finds any flipped byte without help from outside.
 */
public enum FramedObject {
    ROOT("SILTROOT"),
    NODE("SILTNODE"),
    TOPIC("SILTTOPC");

    /** The one version that is written and read. */
    public static final int VERSION = 1;

    private static final int HEADER_BYTES = 20;

    private final String magic;

    FramedObject(String magic) {
        this.magic = magic;
    }

    public ByteBuffer encode(MessageLite message) {
        ByteBuffer body = ByteBuffer.wrap(message.toByteArray());
        ByteBuffer object = ByteBuffer.allocate(HEADER_BYTES + body.remaining());
        object.put(magicBytes()).putInt(VERSION).putInt(body.remaining()).putInt(Crc32c.of(body));
        return object.put(body).flip();
    }

    /**
     * Checks the frame and parses the body.
     *
     * @throws CorruptObjectException where the bytes are not a whole object of this kind
     */
    public <T extends MessageLite> T decode(String key, ByteBuffer object, Parser<T> parser) {
        ByteBuffer bytes = object.slice();
        if (bytes.remaining() < HEADER_BYTES) {
            throw corrupt(key, "it has " + bytes.remaining() + " bytes, its header alone needs " + HEADER_BYTES);
        }
        byte[] found = new byte[magic.length()];
        bytes.get(found);
        if (!Arrays.equals(found, magicBytes())) {
            throw corrupt(key, "it does not start with " + magic);
        }
        int version = bytes.getInt();
        if (version != VERSION) {
            throw corrupt(key, "its format version is " + version + ", this reader knows " + VERSION);
        }
        int length = bytes.getInt();
        int crc = bytes.getInt();
        if (length != bytes.remaining()) {
            throw corrupt(key, "it says " + length + " bytes of body and has " + bytes.remaining());
        }
        if (crc != Crc32c.of(bytes)) {
            throw corrupt(key, "the CRC32C of its body does not match");
        }
        try {
            return parser.parseFrom(ByteString.copyFrom(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw corrupt(key, "its body cannot be parsed: " + e.getMessage());
        }
    }

    private byte[] magicBytes() {
        return magic.getBytes(StandardCharsets.US_ASCII);
    }

    private static CorruptObjectException corrupt(String key, String what) {
        return new CorruptObjectException(key, CorruptObjectException.NO_BLOCK, CorruptObjectException.NO_OFFSET, what);
    }

    /** 16 bytes, most significant first. */
    public static ByteString bytesOf(UUID id) {
        return ByteString.copyFrom(ByteBuffer.allocate(16)
                .putLong(id.getMostSignificantBits())
                .putLong(id.getLeastSignificantBits())
                .flip());
    }

    /** Undoes {@link #bytesOf}; throws IllegalArgumentException where there are not 16 bytes. */
    public static UUID uuidOf(ByteString bytes) {
        if (bytes.size() != 16) {
            throw new IllegalArgumentException("an id has 16 bytes, not " + bytes.size());
        }
        ByteBuffer buffer = bytes.asReadOnlyByteBuffer();
        return new UUID(buffer.getLong(), buffer.getLong());
    }
}
