package io.siltstone.format;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes as they come; values are lower-case hexadecimal. Not thread-safe. */
public final class Sha256 {

    private final MessageDigest digest;

    public Sha256() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }

    /** Takes the buffer's remaining bytes without moving its position. */
    public Sha256 update(ByteBuffer bytes) {
        digest.update(bytes.duplicate());
        return this;
    }

    /** The hash of all so far; a new hash starts. */
    public String hex() {
        return HexFormat.of().formatHex(digest.digest());
    }

    public static String of(ByteBuffer bytes) {
        return new Sha256().update(bytes).hex();
    }
}
