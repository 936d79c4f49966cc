package io.siltstone.log.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HoldBackTest {

    private final List<String> valve = new ArrayList<>();
    private final Backpressure backpressure = new Backpressure(1000, new Backpressure.Valve() {
        @Override
        public void close() {
            valve.add("closed");
        }

        @Override
        public void open() {
            valve.add("opened");
        }
    });
    private final HoldBack disk = new HoldBack(1000, backpressure, at(0));
    private final HoldBack other = new HoldBack(1000, backpressure, at(0));

    @Test
    void holdsFromHalfOfTheBoundUntilAQuarter() {
        disk.observe(500, at(0));
        assertThat(valve).isEmpty();
        disk.observe(501, at(1));
        disk.observe(251, at(2));
        assertThat(valve).containsExactly("closed");
        disk.observe(250, at(3));
        assertThat(valve).containsExactly("closed", "opened");
    }

    @Test
    void opensOnlyWhenNobodyHolds() {
        disk.observe(600, at(0));
        other.observe(600, at(0));
        disk.observe(0, at(1));
        assertThat(valve).containsExactly("closed");
        other.reset(at(1));
        assertThat(valve).containsExactly("closed", "opened");
    }

    @Test
    void isSpentAfterASecondOfHolding() {
        disk.observe(600, at(5000));

        assertThat(disk.isSpent(at(6000))).isFalse();
        assertThat(disk.isSpent(at(6001))).isTrue();
    }

    @Test
    void timeNotHeldBackPaysForTimeHeldBack() {
        for (int ms = 0; ms < 10_000; ms += 1000) {
            disk.observe(600, at(ms));
            disk.observe(0, at(ms + 450));
        }
        assertThat(disk.isSpent(at(10_000))).isFalse();

        for (int ms = 10_000; ms < 20_000; ms += 1000) {
            disk.observe(600, at(ms));
            disk.observe(0, at(ms + 700));
        }
        assertThat(disk.isSpent(at(20_000))).isTrue();
    }

    private static long at(long ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }
}
