package io.siltstone.log.writer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SnapshotScheduleTest {

    private static final long EIGHT_MIB = 8 << 20;

    private final SnapshotSchedule schedule = new SnapshotSchedule();

    @Test
    void aSmallStateIsWrittenEveryEightMebibytes() {
        schedule.written(100);
        schedule.appended(EIGHT_MIB - 1);
        boolean early = schedule.isDue();
        schedule.appended(1);

        assertThat(early).isFalse();
        assertThat(schedule.isDue()).isTrue();
    }

    @Test
    void aLargeStateIsWrittenAfterEightTimesItsSize() {
        schedule.written(EIGHT_MIB);
        schedule.appended(8 * EIGHT_MIB - 1);
        boolean early = schedule.isDue();
        schedule.appended(1);

        assertThat(early).isFalse();
        assertThat(schedule.isDue()).isTrue();
    }

    @Test
    void aSnapshotStartsTheCountAnew() {
        schedule.appended(EIGHT_MIB);
        schedule.written(100);

        assertThat(schedule.isDue()).isFalse();
    }

    @Test
    void aSegmentsFirstSnapshotIsConfirmedWithItsLastChunk() {
        schedule.begun(3);

        assertThat(schedule.confirmed(7, 1)).isFalse();
        assertThat(schedule.confirmedIn()).isEqualTo(-1);
        assertThat(schedule.confirmed(7, 2)).isTrue();
        assertThat(schedule.confirmedIn()).isEqualTo(7);
    }

    @Test
    void itIsToldConfirmedOnce() {
        schedule.begun(1);

        assertThat(schedule.confirmed(7, 4)).isTrue();
        assertThat(schedule.confirmed(7, 5)).isFalse();
    }
}
