package io.siltstone.cli.input;

/** A file cannot be read as records; the message names the file, the line and what is wrong with it. */
public final class InputException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    InputException(String message) {
        super(message);
    }

    InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
