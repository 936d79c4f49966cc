package io.siltstone.log.client;

import io.siltstone.log.wire.WireProtocol;

/**
 * Bounds and times of one event loop's connections to storage nodes.
 *
 * @param clusterId told in Hello; a node of another cluster refuses it
 * @param flushBytes payload bytes at which a frame is full; a larger entry makes a frame of its own
 * @param lingerMicros how long entries may wait for more to share their frame while an earlier frame is not yet
 *     acknowledged, in microseconds; 0 sends what the loop has read at once
 * @param maxUnackedBytesPerDisk a disk with more unacknowledged payload bytes is given up (rule 9)
 * @param ackTimeoutMs so is one that leaves a frame unacknowledged for longer
 * @param requestTimeoutMs a request without a reply is answered {@code Failed} after it
 * @param minBackoffMs pause before connecting again after a failure; doubles up to the next
 */
public record ReplicaClientSettings(
        String clusterId,
        int flushBytes,
        int lingerMicros,
        long maxUnackedBytesPerDisk,
        long ackTimeoutMs,
        long requestTimeoutMs,
        long minBackoffMs,
        long maxBackoffMs) {

    private static final int MAX_LINGER_MICROS = 1_000;

    public ReplicaClientSettings {
        if (flushBytes < 1 || flushBytes > WireProtocol.MAX_PAYLOAD_BYTES) {
            throw new IllegalArgumentException("flushBytes " + flushBytes + " is not between 1 and "
                    + WireProtocol.MAX_PAYLOAD_BYTES + ", the most of a frame");
        }
        if (lingerMicros < 0 || lingerMicros > MAX_LINGER_MICROS) {
            throw new IllegalArgumentException(
                    "lingerMicros " + lingerMicros + " is not between 0 and " + MAX_LINGER_MICROS);
        }
        if (maxUnackedBytesPerDisk < 1 || ackTimeoutMs < 1 || requestTimeoutMs < 1) {
            throw new IllegalArgumentException("at most " + maxUnackedBytesPerDisk + " unacknowledged bytes for "
                    + ackTimeoutMs + " ms, " + requestTimeoutMs + " ms for a request: all must be above 0");
        }
        if (minBackoffMs < 1 || maxBackoffMs < minBackoffMs) {
            throw new IllegalArgumentException("backoff from " + minBackoffMs + " to " + maxBackoffMs + " ms");
        }
    }

    public static ReplicaClientSettings withDefaults(String clusterId) {
        return new ReplicaClientSettings(clusterId, 1 << 20, 0, 32 << 20, 5_000, 5_000, 50, 500);
    }

    public ReplicaClientSettings withLingerMicros(int micros) {
        return new ReplicaClientSettings(
                clusterId,
                flushBytes,
                micros,
                maxUnackedBytesPerDisk,
                ackTimeoutMs,
                requestTimeoutMs,
                minBackoffMs,
                maxBackoffMs);
    }
}
