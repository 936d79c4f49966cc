package io.siltstone.tiering.store;

import io.siltstone.tiering.store.ObjectStoreException.Kind;
import java.util.concurrent.CompletionException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** What the SDK's exceptions mean for the object that was asked about. */
final class S3Failures {

    static final int PRECONDITION_FAILED = 412;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int CONFLICT = 409;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int NOT_FOUND = 404;
    private static final int RANGE_NOT_SATISFIABLE = 416;
    private static final int SERVER_ERROR = 500;

    private S3Failures() {}

    static Throwable unwrap(Throwable failure) {
        Throwable cause = failure;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }

    /** The HTTP status, or 0 where there was no answer. */
    static int status(Throwable failure) {
        return unwrap(failure) instanceof S3Exception s3 ? s3.statusCode() : 0;
    }

    /** Whether a write that failed so may have happened all the same. */
    static boolean isUnknown(Throwable failure) {
        int status = status(failure);
        return status == 0
                || status >= SERVER_ERROR
                || status == REQUEST_TIMEOUT
                || status == CONFLICT
                || status == TOO_MANY_REQUESTS;
    }

    static ObjectStoreException translate(Throwable failure, String key) {
        Throwable cause = unwrap(failure);
        for (Throwable inner = cause; inner != null; inner = inner.getCause()) {
            if (inner instanceof ObjectStoreException known) { // the SDK wraps what our receiver threw
                return known;
            }
        }
        int status = status(cause);
        boolean missingObject = status == NOT_FOUND
                && !(cause instanceof S3Exception s3
                        && s3.awsErrorDetails() != null
                        && "NoSuchBucket".equals(s3.awsErrorDetails().errorCode()));
        Kind kind = missingObject
                ? Kind.MISSING
                : status == RANGE_NOT_SATISFIABLE ? Kind.TRUNCATED : isUnknown(cause) ? Kind.UNAVAILABLE : Kind.REFUSED;
        return new ObjectStoreException(kind, key, String.valueOf(cause.getMessage()), cause);
    }
}
