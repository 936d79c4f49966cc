package io.siltstone.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DiskRoomTest {

    @Test
    void changeOfLessThanAnEighthIsNoNews() {
        DiskRoom told = new DiskRoom(800, 1_000);

        assertThat(new DiskRoom(720, 1_000).isNewsAfter(told)).isFalse();
        assertThat(new DiskRoom(600, 1_000).isNewsAfter(told)).isTrue();
    }

    @Test
    void theLessIsFreeTheSmallerTheChangeThatIsNews() {
        DiskRoom told = new DiskRoom(100, 1_000);

        assertThat(new DiskRoom(95, 1_000).isNewsAfter(told)).isFalse();
        assertThat(new DiskRoom(85, 1_000).isNewsAfter(told)).isTrue();
        assertThat(new DiskRoom(115, 1_000).isNewsAfter(told)).isTrue();
    }

    @Test
    void firstWordOfADiskIsNewsEvenWhereNothingIsFree() {
        assertThat(new DiskRoom(0, 1_000).isNewsAfter(DiskRoom.UNKNOWN)).isTrue();
        assertThat(DiskRoom.UNKNOWN.isNewsAfter(DiskRoom.UNKNOWN)).isFalse();
    }
}
