package io.siltstone.storage.replica;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps the one answer to a question. */
final class Answer<T> implements Consumer<T> {

    private @Nullable T value;

    @Override
    public void accept(T answered) {
        if (value != null) {
            throw new AssertionError("answered twice: " + value + " and " + answered);
        }
        value = answered;
    }

    boolean isThere() {
        return value != null;
    }

    T get() {
        if (value == null) {
            throw new AssertionError("no answer yet");
        }
        return value;
    }
}
