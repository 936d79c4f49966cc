package io.siltstone.tiering.history;

import io.siltstone.format.CorruptObjectException;
import io.siltstone.tiering.store.ObjectStoreException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Says of every failed read which object, block and offset it was about. */
final class HistoryFailures {

    private HistoryFailures() {}

    /**
     * An object that is gone or too short is as wrong as one with other bytes; a store that cannot be reached stays what
     * it is.
     */
    static Throwable named(@Nullable Throwable failure, String object, int block, long offset) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof CorruptObjectException) {
            return cause;
        }
        ObjectStoreException store = ObjectStoreException.from(
                cause == null ? new IllegalStateException("a read ended with neither bytes nor failure") : cause,
                object);
        return switch (store.kind()) {
            case MISSING -> new CorruptObjectException(object, block, offset, "it is not in the bucket");
            case TRUNCATED ->
                new CorruptObjectException(object, block, offset, "it is too short: " + store.getMessage());
            case REFUSED, UNSAFE, UNAVAILABLE -> store;
        };
    }
}
