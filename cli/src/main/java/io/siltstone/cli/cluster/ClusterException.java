package io.siltstone.cli.cluster;

/** The cluster of processes did not do what it was told; the message says which node, and what to look at. */
public final class ClusterException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ClusterException(String message) {
        super(message);
    }

    public ClusterException(String message, Throwable cause) {
        super(message, cause);
    }
}
