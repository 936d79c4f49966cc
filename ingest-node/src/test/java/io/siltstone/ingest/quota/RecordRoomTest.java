package io.siltstone.ingest.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.ImageEdit;
import io.siltstone.metadata.StorageDiskImage;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class RecordRoomTest {

    private ClusterImage image = ClusterImage.empty("test");
    private int disks;

    @Test
    void eachDiskCountsForItsShareOfTheCopies() {
        disk(1_000, 1_000, true);
        disk(1_000, 1_000, true);
        disk(1_000, 1_000, true);
        disk(1_000, 1_000, true);

        assertThat(RecordRoom.of(image, 2)).isEqualTo(new RecordRoom(1_900, 1_900));
    }

    @Test
    void largeDiskHoldsOneCopyOfEverythingAndNoMore() {
        disk(100_000, 100_000, true);
        disk(1_000, 1_000, true);
        disk(1_000, 1_000, true);

        assertThat(RecordRoom.of(image, 2).freeBytes()).isEqualTo(1_900);
    }

    @Test
    void fullDiskLeavesRoomOnTheOthers() {
        disk(0, 1_000, true);
        disk(500, 1_000, true);
        disk(500, 1_000, true);

        assertThat(RecordRoom.of(image, 2).freeBytes()).isEqualTo(450);
    }

    @Test
    void nothingIsFreeWhereTooFewDisksAreBelowTheirMark() {
        disk(40, 1_000, true);
        disk(20, 1_000, true);
        disk(1_000, 1_000, true);

        assertThat(RecordRoom.of(image, 2).freeBytes()).isZero();
    }

    @Test
    void missingDisksAreNotMissingRoom() {
        disk(0, 1_000, true);
        disk(0, 1_000, false);

        assertThat(RecordRoom.of(image, 2).isKnown()).isFalse();
    }

    private void disk(long freeBytes, long capacityBytes, boolean live) {
        ImageEdit edit = new ImageEdit(image);
        DiskId id = new DiskId(new UUID(0, disks++));
        edit.putStorageDisk(new StorageDiskImage(id, 1, "storage", "host", 1, "", "", true, live)
                .withRoom(new DiskRoom(freeBytes, capacityBytes)));
        image = edit.finish().after();
    }
}
