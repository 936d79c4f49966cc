package io.siltstone.format;

/** An object of the bucket whose bytes are not what was written: fatal for what reads it, never skipped. */
public final class CorruptObjectException extends RuntimeException {

    /** The block of an error outside every block: header, index, footer, or the object as a whole. */
    public static final int NO_BLOCK = -1;

    /** The offset of an error that concerns no record. */
    public static final long NO_OFFSET = -1;

    private static final long serialVersionUID = 1;

    private final String object;
    private final int block;
    private final long offset;
    private final String what;

    /**
     * @param object key in the bucket
     * @param block number of the block from 0, or {@link #NO_BLOCK}
     * @param offset the first record offset that cannot be trusted, or {@link #NO_OFFSET}
     */
    public CorruptObjectException(String object, int block, long offset, String what) {
        super("object " + object + (block == NO_BLOCK ? "" : ", block " + block)
                + (offset == NO_OFFSET ? "" : ", offset " + offset) + ": " + what);
        this.object = object;
        this.block = block;
        this.offset = offset;
        this.what = what;
    }

    public String object() {
        return object;
    }

    public int block() {
        return block;
    }

    public long offset() {
        return offset;
    }

    /** The fault without its place. */
    public String what() {
        return what;
    }
}
