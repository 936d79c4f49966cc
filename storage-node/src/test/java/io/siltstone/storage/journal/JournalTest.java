package io.siltstone.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JournalTest {

    private static final DiskId DISK = new DiskId(new UUID(3, 4));
    private static final long FILE_BYTES = JournalSettings.MIN_FILE_BYTES;
    private static final JournalSettings SETTINGS =
            new JournalSettings(FILE_BYTES, JournalSettings.MIN_FILES * FILE_BYTES);
    private static final SegmentId SEGMENT = new SegmentId(new PartitionId(new UUID(1, 2), 0), 5);
    private static final int CRASHES = 8;

    private final VolatileFiles files = new VolatileFiles();
    private final Random epochs = new Random(1);
    private final Random losses = new Random(2);

    @Test
    void whatWasForcedOutlivesTwoKilledStartsAndALossOfPowerWhereNoFileIsFree() throws IOException {
        boolean firstGotThrough = false;
        for (int first = 0; !firstGotThrough; first++) {
            boolean secondGotThrough = false;
            for (int second = 0; !secondGotThrough; second++) {
                for (int crash = 0; crash < CRASHES; crash++) {
                    forceAFenceAndLeaveRoomForOneFile();
                    firstGotThrough = startsWithin(first);
                    secondGotThrough = startsWithin(second);
                    files.crash(losses);

                    assertThat(start().fences)
                            .as("killed at change %d, then %d, crash %d", first, second, crash)
                            .contains(7);
                }
            }
        }
    }

    @Test
    void whatWasForcedOutlivesAStartThatFailedToForceItAgain() throws IOException {
        boolean neverFailed = false;
        for (int forces = 0; !neverFailed; forces++) {
            boolean gotThrough = false;
            for (int kill = 0; !gotThrough; kill++) {
                for (int crash = 0; crash < CRASHES; crash++) {
                    forceAFenceAndLeaveRoomForOneFile();
                    files.failForceAfter(forces);
                    neverFailed = startsWithin(Integer.MAX_VALUE);
                    files.heal();
                    gotThrough = startsWithin(kill);
                    files.crash(losses);

                    assertThat(start().fences)
                            .as("force %d failed, killed at change %d, crash %d", forces, kill, crash)
                            .contains(7);
                }
            }
        }
    }

    @Test
    void whatIsForcedIntoAFileOfAKilledStartOutlivesALossOfPower() throws IOException {
        boolean gotThrough = false;
        for (int kill = 0; !gotThrough; kill++) {
            for (int crash = 0; crash < CRASHES; crash++) {
                forceAFenceAndLeaveRoomForOneFile();
                gotThrough = startsWithin(kill);
                force(new JournalItem.Fence(SEGMENT, 8));
                files.crash(losses);

                assertThat(start().fences)
                        .as("killed at change %d, crash %d", kill, crash)
                        .contains(7, 8);
            }
        }
    }

    private void forceAFenceAndLeaveRoomForOneFile() throws IOException {
        files.list().forEach(files::remove);
        files.limit(FILE_BYTES);
        force(new JournalItem.Fence(SEGMENT, 7));
        files.limit(2 * FILE_BYTES);
    }

    private void force(JournalItem item) throws IOException {
        Journal journal = open(new Fences());
        JournalGroup group = new JournalGroup();
        group.add(item);
        journal.writer().write(group);
        journal.writer().force();
    }

    /** A start that ends after so many changes of the disk at most; tells whether it got through. */
    private boolean startsWithin(int changes) {
        files.killAfter(changes);
        try {
            start();
            return true;
        } catch (IOException ended) {
            return false;
        } finally {
            files.restart();
        }
    }

    private Fences start() throws IOException {
        Fences index = new Fences();
        open(index);
        return index;
    }

    private Journal open(Fences index) throws IOException {
        return Journal.open(files, DISK, SETTINGS, epochs, index);
    }

    /** The epochs of the fences that a start finds. */
    private static final class Fences implements Journal.Index {
        private final List<Integer> fences = new ArrayList<>();

        @Override
        public void openedWith(JournalSpace space) {}

        @Override
        public void replayed() {}

        @Override
        public void readFrom(CheckpointInput in) {}

        @Override
        public void entry(EntryHeader header, long address) {}

        @Override
        public void moved(EntryHeader header, long address) {}

        @Override
        public void fence(SegmentId segment, int epoch) {
            fences.add(epoch);
        }

        @Override
        public void drop(PartitionId partition, long below) {}

        @Override
        public void hole() {}
    }
}
