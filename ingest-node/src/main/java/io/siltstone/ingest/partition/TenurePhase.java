package io.siltstone.ingest.partition;

import io.siltstone.ingest.archive.PartitionArchive;
import org.jspecify.annotations.Nullable;

/** Where a tenure stands: taking over → open → over; a takeover may also end at once. */
sealed interface TenurePhase {

    /**
     * The owner before is fenced, what it left is recovered; appends wait.
     *
     * @param slowFromMs when the operator is told that it takes long (again), on the loop's monotonic clock
     */
    record TakingOver(long slowFromMs) implements TenurePhase {

        private static final long SLOW_MS = 10_000;

        static TakingOver begun(long nowMs) {
            return new TakingOver(nowMs + SLOW_MS);
        }

        boolean isSlow(long nowMs) {
            return nowMs >= slowFromMs;
        }

        TakingOver told() {
            return new TakingOver(slowFromMs + SLOW_MS);
        }
    }

    /**
     * Produce and fetch are served.
     *
     * @param archive what the bucket gets; null where the node has none
     */
    record Open(@Nullable PartitionArchive archive) implements TenurePhase {}

    /**
     * Nothing is served any more.
     *
     * @param because what every request is answered
     */
    record Over(RuntimeException because) implements TenurePhase {}
}
