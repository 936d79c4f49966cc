package io.siltstone.tiering.store;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Says that a bucket did not do as asked, which object it was about, and whether asking again may help. */
public final class ObjectStoreException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Kind kind;
    private final String key;

    public ObjectStoreException(Kind kind, String key, String what, @Nullable Throwable cause) {
        super(what + " (object " + key + ")", cause);
        this.kind = kind;
        this.key = key;
    }

    /** What a future of the store failed with, without the wrapping of completion stages. */
    public static ObjectStoreException from(Throwable failure, String key) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof ObjectStoreException known
                ? known
                : new ObjectStoreException(Kind.UNAVAILABLE, key, String.valueOf(cause), cause);
    }

    public Kind kind() {
        return kind;
    }

    public String key() {
        return key;
    }

    public boolean isRetriable() {
        return kind == Kind.UNAVAILABLE;
    }

    public enum Kind {
        /** No such object. */
        MISSING,
        /** The object is shorter than the range that was asked for. */
        TRUNCATED,
        /** The store refuses: rights, a wrong bucket, a checksum that does not match, an unsound key. */
        REFUSED,
        /** The store breaks a promise that history rests on, and cannot be used. */
        UNSAFE,
        /** Not reached, overloaded or timed out; may work later. */
        UNAVAILABLE
    }
}
