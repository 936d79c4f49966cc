package io.siltstone.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PauseMeterTest {
    private static final long MS = 1_000_000;

    private final PauseMeter meter = new PauseMeter(2);

    @Test
    void measuresFromTheLastAcknowledgementWhileRecordsWait() {
        meter.acknowledged(0, 1 * MS, 10 * MS);
        meter.begin();

        meter.acknowledged(0, 5 * MS, 710 * MS);

        assertThat(meter.longestMs()).isEqualTo(700);
    }

    @Test
    void measuresFromTheSendingWhereThePartitionWasIdle() {
        meter.acknowledged(0, 1 * MS, 10 * MS);
        meter.begin();

        meter.acknowledged(0, 5_000 * MS, 5_003 * MS);

        assertThat(meter.longestMs()).isEqualTo(3);
    }

    @Test
    void seesAPauseOfOnePartitionWhileAnotherGoesOn() {
        meter.begin();
        for (long at = 0; at <= 900; at += 10) {
            meter.acknowledged(0, at * MS, (at + 1) * MS);
        }
        meter.acknowledged(1, 0, 900 * MS);

        assertThat(meter.longestMs()).isEqualTo(900);
    }

    @Test
    void forgetsWhatWasBeforeTheWindow() {
        meter.acknowledged(0, 0, 900 * MS);

        meter.begin();

        assertThat(meter.longestMs()).isZero();
    }
}
