package io.siltstone.tiering.upload;

/**
 * How tiering behaves.
 *
 * @param readBytes about how much is read from a replica at once
 * @param replicaTimeoutMs after which another replica is asked
 * @param mergeBelowBytes while an object is smaller, the next closed segment that waits goes into it too
 * @param firstBackoffMs wait after a first failure; doubles with each further one
 * @param longestBackoffMs where the doubling ends
 */
public record TieringSettings(
        int readBytes, long replicaTimeoutMs, long mergeBelowBytes, long firstBackoffMs, long longestBackoffMs) {

    public static final TieringSettings DEFAULT = new TieringSettings(4 << 20, 10_000, 8 << 20, 250, 60_000);

    public TieringSettings {
        if (readBytes < 1 || replicaTimeoutMs < 1 || firstBackoffMs < 1 || longestBackoffMs < firstBackoffMs) {
            throw new IllegalArgumentException("tiering reads " + readBytes + " bytes in " + replicaTimeoutMs
                    + " ms and waits " + firstBackoffMs + " to " + longestBackoffMs + " ms");
        }
    }
}
