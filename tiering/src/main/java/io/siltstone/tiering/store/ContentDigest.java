package io.siltstone.tiering.store;

import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.concurrent.CompletableFuture;
import java.util.zip.CRC32C;

/** A checksum over an object's bytes in order. Confined to one thread at a time; used for one object. */
public abstract class ContentDigest {

    private static final int READ_BYTES = 4 << 20;

    private ContentDigest() {}

    public abstract void update(ByteBuffer bytes);

    /** The checksum, big-endian. */
    public abstract byte[] value();

    /** Takes the readable bytes; the indices stay as they are. */
    public final void update(ByteBuf bytes) {
        for (ByteBuffer part : bytes.nioBuffers()) {
            update(part);
        }
    }

    /** Reads an object back, in pieces of some MiB, and completes with the checksum of what the store gave. */
    public final CompletableFuture<byte[]> read(ObjectReader store, String key, long length) {
        return readFrom(store, key, 0, length);
    }

    private CompletableFuture<byte[]> readFrom(ObjectReader store, String key, long offset, long length) {
        if (offset == length) {
            return CompletableFuture.completedFuture(value());
        }
        int piece = (int) Math.min(READ_BYTES, length - offset);
        return store.read(key, offset, piece).thenCompose(bytes -> {
            try {
                update(bytes);
            } finally {
                bytes.release();
            }
            return readFrom(store, key, offset + piece, length);
        });
    }

    public static ContentDigest sha256() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return new ContentDigest() {
                @Override
                public void update(ByteBuffer bytes) {
                    digest.update(bytes);
                }

                @Override
                public byte[] value() {
                    return digest.digest();
                }
            };
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    public static ContentDigest crc32c() {
        CRC32C digest = new CRC32C();
        return new ContentDigest() {
            @Override
            public void update(ByteBuffer bytes) {
                digest.update(bytes);
            }

            @Override
            public byte[] value() {
                return ByteBuffer.allocate(Integer.BYTES)
                        .putInt((int) digest.getValue())
                        .array();
            }
        };
    }
}
