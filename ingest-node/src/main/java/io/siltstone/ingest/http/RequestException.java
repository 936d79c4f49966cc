package io.siltstone.ingest.http;

/** A request that cannot be served as it is, with the HTTP status that says so. */
final class RequestException extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final int status;

    RequestException(int status, String what) {
        super(what);
        this.status = status;
    }

    int status() {
        return status;
    }
}
