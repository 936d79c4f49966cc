package io.siltstone.ingest.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class DrainRateTest {

    private final DrainRate rate = new DrainRate();

    @Test
    void learnsASteadyRate() {
        double told = 0;
        for (int second = 0; second <= 120; second++) {
            told = rate.observe(second * 5_000.0, second * 1_000L);
        }
        assertThat(told).isCloseTo(5_000, Percentage.withPercentage(1));
    }

    @Test
    void whatWasThereBeforeTheFirstLookDoesNotCount() {
        assertThat(rate.observe(1e12, 77)).isZero();
        assertThat(rate.observe(1e12, 1_077)).isZero();
    }

    @Test
    void halvesInTenSecondsWithoutGrowth() {
        rate.observe(0, 0);
        double before = rate.observe(1e6, 1_000);

        assertThat(rate.observe(1e6, 11_000)).isCloseTo(before / 2, Percentage.withPercentage(1));
    }
}
