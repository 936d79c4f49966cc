package io.siltstone.ingest.quota;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class ProducePaceTest {

    private static final long CAPACITY = 90L << 20;

    @Test
    void nobodyIsSlowedWhileAThirdIsFree() {
        assertThat(pace(CAPACITY, 0).isFree()).isTrue();
        assertThat(pace(CAPACITY / 3, 0).isFree()).isTrue();
        assertThat(pace(CAPACITY / 3 - 1, 0).isFree()).isFalse();
    }

    @Test
    void nobodyIsSlowedWhereTheDisksHaveNotTold() {
        assertThat(ProducePace.of(RecordRoom.UNKNOWN, 0, 1).isFree()).isTrue();
    }

    @Test
    void paceFallsWithTheRoomAndEndsWithIt() {
        assertThat(pace(10 << 20, 0).bytesPerSecond())
                .isEqualTo(2 * pace(5 << 20, 0).bytesPerSecond());
        assertThat(pace(0, 0).bytesPerSecond()).isZero();
        assertThat(pace(0, 1e9).bytesPerSecond()).isZero();
    }

    @Test
    void nodesShareTheRoom() {
        RecordRoom room = new RecordRoom(10 << 20, CAPACITY);

        assertThat(ProducePace.of(room, 0, 2).bytesPerSecond())
                .isEqualTo(ProducePace.of(room, 0, 1).bytesPerSecond() / 2);
    }

    @Test
    void withTheBucketAwayTheDisksNeverFill() {
        double free = CAPACITY / 3.0 - 1;
        double appended = 0;
        for (int second = 0; second < 3_600; second++) {
            double step = pace((long) free, 0).bytesPerSecond();
            assertThat(step).isLessThanOrEqualTo(free / ProducePace.HORIZON_SECONDS);
            free -= step;
            appended += step;
        }
        assertThat(free).isPositive();
        assertThat(appended).isGreaterThan(CAPACITY / 3.0 * 0.99);
    }

    @Test
    void paceSettlesAtWhatASlowBucketTakes() {
        double drain = 1 << 20;
        double free = 1 << 20;
        double pace = 0;
        for (int tenth = 0; tenth < 3_000; tenth++) {
            pace = pace((long) free, drain).bytesPerSecond();
            free += (drain - pace) / 10;
        }
        assertThat(pace).isCloseTo(drain, Percentage.withPercentage(2));
        assertThat(free).isBetween(drain, (double) CAPACITY / 3);
    }

    private static ProducePace pace(long freeBytes, double drain) {
        return ProducePace.of(new RecordRoom(freeBytes, CAPACITY), drain, 1);
    }
}
