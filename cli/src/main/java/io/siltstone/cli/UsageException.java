package io.siltstone.cli;

/** The command line is wrong in a way that only the command itself can tell; ends with exit code 2. */
public final class UsageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }
}
