package io.siltstone.tiering.retention;

/**
 * How long a topic's records are kept.
 *
 * @param retentionMs age of a record's timestamp after which it may go; -1 for ever
 * @param retentionBytes size of a partition above which its oldest records may go; -1 for any size
 */
public record RetentionPolicy(long retentionMs, long retentionBytes) {

    /** The default. */
    public static final RetentionPolicy FOR_EVER = new RetentionPolicy(-1, -1);

    public RetentionPolicy {
        if (retentionMs < -1 || retentionBytes < -1) {
            throw new IllegalArgumentException(
                    "retention.ms " + retentionMs + ", retention.bytes " + retentionBytes + ": -1 or more");
        }
    }

    public boolean isForEver() {
        return retentionMs < 0 && retentionBytes < 0;
    }
}
