package io.siltstone.format;

/** Bytes that should be a record batch of magic 2 and are not. */
public final class MalformedBatchException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public MalformedBatchException(int position, String what) {
        super("no record batch at position " + position + ": " + what);
    }
}
