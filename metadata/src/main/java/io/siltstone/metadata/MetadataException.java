package io.siltstone.metadata;

/** Why the metadata store did not do what it was asked to. Futures fail with one of these and nothing else. */
public abstract sealed class MetadataException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private MetadataException(String message) {
        super(message);
    }

    private MetadataException(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether the same call may succeed later. */
    public boolean isRetriable() {
        return this instanceof Unavailable;
    }

    /** A topic of that name, or of one that collides with it ('.' and '_' count as the same), is there. */
    public static final class TopicExists extends MetadataException {
        private static final long serialVersionUID = 1L;

        public TopicExists(String message) {
            super(message);
        }
    }

    /** The topic, node or disk is not there. */
    public static final class NotFound extends MetadataException {
        private static final long serialVersionUID = 1L;

        public NotFound(String message) {
            super(message);
        }
    }

    /** What was asked for can never be: a bad name, a shrinking partition count, a mark still in use. */
    public static final class Invalid extends MetadataException {
        private static final long serialVersionUID = 1L;

        public Invalid(String message) {
            super(message);
        }
    }

    /** The store holds another cluster, or one of a format that this version does not read. */
    public static final class WrongCluster extends MetadataException {
        private static final long serialVersionUID = 1L;

        public WrongCluster(String message) {
            super(message);
        }
    }

    /** The store is away or overloaded. A change may have happened or not, and may yet happen. */
    public static final class Unavailable extends MetadataException {
        private static final long serialVersionUID = 1L;

        public Unavailable(String message) {
            super(message);
        }

        public Unavailable(String message, Throwable cause) {
            super(message, cause);
        }
    }
}
