package io.siltstone.cli.demo;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jspecify.annotations.Nullable;

/** What a record is, in 64 bits: the beginning of the SHA-256 of its timestamp, key and value. Confined to one thread. */
final class RecordHash {
    private final MessageDigest digest;
    private final ByteBuffer head = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);

    RecordHash() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Never 0, which stands for "no record" in a {@link Ledger}. */
    long of(long timestamp, byte @Nullable [] key, byte @Nullable [] value) {
        head.clear();
        digest.update(
                head.putLong(timestamp).putInt(key == null ? -1 : key.length).array());
        if (key != null) {
            digest.update(key);
        }
        if (value != null) {
            digest.update(value);
        }
        long hash = ByteBuffer.wrap(digest.digest()).getLong();
        return hash == 0 ? 1 : hash;
    }
}
