package io.siltstone.storage.index;

/** Numbers in as few bytes as they need: seven bits per byte, lowest first; signed ones zigzag. */
final class Varints {

    static final int MAX_BYTES = 10;

    private final byte[] bytes;
    private int position;

    Varints(byte[] bytes, int position) {
        this.bytes = bytes;
        this.position = position;
    }

    int position() {
        return position;
    }

    long next() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte part = bytes[position++];
            value |= (long) (part & 0x7f) << shift;
            if (part >= 0) {
                return value;
            }
        }
    }

    long nextSigned() {
        long coded = next();
        return coded >>> 1 ^ -(coded & 1);
    }

    /** Tells the position behind it. */
    static int write(byte[] out, int position, long value) {
        int at = position;
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            out[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        out[at++] = (byte) rest;
        return at;
    }

    static int writeSigned(byte[] out, int position, long value) {
        return write(out, position, value << 1 ^ value >> 63);
    }
}
