package io.siltstone.log.writer;

import io.siltstone.log.DiskId;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which disks failed too lately to roll a segment only to have them back. Each failure after the last doubles a disk's
 * rest, so that one which comes and goes does not make a roll each time; one that was well for ten times its rest begins
 * anew. Pure but for its memory; confined to the partition's event loop.
 */
final class DiskBackoff {

    static final long FIRST_REST_MS = 10_000;
    static final long LONGEST_REST_MS = 900_000;

    private static final int FORGIVEN_AFTER_RESTS = 10;

    private record Failure(long atMs, long restMs) {

        boolean isResting(long nowMs) {
            return nowMs - atMs < restMs;
        }

        boolean isForgiven(long nowMs) {
            return nowMs - atMs >= FORGIVEN_AFTER_RESTS * restMs;
        }
    }

    private final Map<DiskId, Failure> failures = new HashMap<>();

    /** A segment's writer gave the disk up. */
    void failed(DiskId disk, long nowMs) {
        failures.merge(
                disk,
                new Failure(nowMs, FIRST_REST_MS),
                (last, first) -> last.isForgiven(nowMs)
                        ? first
                        : new Failure(nowMs, Math.min(LONGEST_REST_MS, 2 * last.restMs())));
    }

    /** Disks that no segment should be rolled for now. */
    Set<DiskId> resting(long nowMs) {
        failures.values().removeIf(failure -> failure.isForgiven(nowMs));
        return failures.entrySet().stream()
                .filter(each -> each.getValue().isResting(nowMs))
                .map(Map.Entry::getKey)
                .collect(Collectors.toUnmodifiableSet());
    }
}
