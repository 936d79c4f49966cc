package io.siltstone.ingest.quota;

/** How fast a growing count has grown of late: an average in which a second counts half after ten. Confined to its owner. */
final class DrainRate {

    private static final double HALF_LIFE_MS = 10_000;

    private double perSecond;
    private double lastCount;
    private long lastMs;
    private boolean begun;

    /**
     * Takes the count as it stands.
     *
     * @param count never falls
     * @param nowMs of a monotonic clock
     * @return per second
     */
    double observe(double count, long nowMs) {
        if (!begun) {
            begun = true;
            lastCount = count;
            lastMs = nowMs;
        }
        long elapsedMs = nowMs - lastMs;
        if (elapsedMs > 0) {
            double kept = Math.pow(0.5, elapsedMs / HALF_LIFE_MS);
            perSecond = perSecond * kept + (count - lastCount) * 1000 / elapsedMs * (1 - kept);
            lastCount = count;
            lastMs = nowMs;
        }
        return perSecond;
    }
}
