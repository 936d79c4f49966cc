package io.siltstone.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class LatenciesTest {
    private final Latencies latencies = new Latencies();

    @Test
    void tellsPercentilesInMilliseconds() {
        for (int ms = 1; ms <= 1_000; ms++) {
            latencies.record(TimeUnit.MILLISECONDS.toNanos(ms));
        }

        PhaseResult.Latency summary = latencies.summary();

        assertThat(summary.p50()).isCloseTo(500, Percentage.withPercentage(0.2));
        assertThat(summary.p99()).isCloseTo(990, Percentage.withPercentage(0.2));
        assertThat(summary.p999()).isCloseTo(999, Percentage.withPercentage(0.2));
        assertThat(summary.max()).isCloseTo(1_000, Percentage.withPercentage(0.2));
    }

    @Test
    void takesWhatCannotBeForTheNearestThatCan() {
        latencies.record(-5);
        latencies.record(TimeUnit.HOURS.toNanos(3));

        assertThat(latencies.summary().p50()).isZero();
        assertThat(latencies.summary().max()).isCloseTo(600_000, Percentage.withPercentage(0.2));
    }
}
