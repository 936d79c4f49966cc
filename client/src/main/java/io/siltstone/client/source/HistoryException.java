package io.siltstone.client.source;

import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Says why history could not be read; damage is not among it, that is a {@code CorruptObjectException}. */
public final class HistoryException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final Kind kind;

    public HistoryException(Kind kind, String what, @Nullable Throwable cause) {
        super(what, cause);
        this.kind = kind;
    }

    /** Why. */
    public enum Kind {
        /** No object under that key. */
        MISSING,
        /** A signed link does not work any more; ask for another. */
        EXPIRED,
        /** Not reached or overloaded; may work later. */
        UNAVAILABLE,
        /** No such topic or partition. */
        UNKNOWN_TOPIC,
        /** Records that were asked for are deleted. */
        GONE,
        /** The other side refuses or answers what this client does not understand. */
        REFUSED
    }

    public Kind kind() {
        return kind;
    }

    /** Whether this failure, without the wrapping of completion stages, is of that kind. */
    public static boolean is(@Nullable Throwable failure, Kind kind) {
        return failure != null && unwrapped(failure) instanceof HistoryException found && found.kind == kind;
    }

    /** The failure without the wrapping of completion stages. */
    public static Throwable unwrapped(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The failure as something that can be thrown, its wrapping taken off. */
    public static RuntimeException asRuntime(Throwable failure) {
        Throwable cause = unwrapped(failure);
        if (cause instanceof Error error) {
            throw error;
        }
        return cause instanceof RuntimeException known
                ? known
                : new HistoryException(Kind.UNAVAILABLE, String.valueOf(cause), cause);
    }
}
