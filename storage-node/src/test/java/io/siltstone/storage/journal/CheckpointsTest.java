package io.siltstone.storage.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.log.DiskId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Checkpoints on a file system that others keep full, and over kills and losses of power. */
class CheckpointsTest {

    private static final int FILE_BYTES = 1 << 20;
    private static final int SMALL = 10_000;
    /** More than one write. */
    private static final int NORMAL = 40_000;

    private static final int LARGE = 400_000;
    private static final int SEEDS = 8;

    private final VolatileFiles files = new VolatileFiles();
    private final Checkpoints checkpoints = new Checkpoints(files, new DiskId(new UUID(7, 7)), FILE_BYTES);

    /** Writes one that holds so many numbers, each of them its sequence. */
    private void write(long sequence, int numbers) throws IOException {
        long[] content = new long[numbers];
        Arrays.fill(content, sequence);
        checkpoints.write(new JournalPosition(1, 4096, sequence), out -> {
            out.putInt(numbers);
            out.putLongs(content, numbers);
        });
    }

    /** Tells the sequence of the newest that is whole. */
    private Optional<Long> load() throws IOException {
        long[][] content = new long[1][];
        Optional<JournalPosition> start = checkpoints.load(in -> {
            content[0] = new long[in.getInt()];
            in.getLongs(content[0], content[0].length);
        });
        start.ifPresent(position -> assertThat(content[0]).containsOnly(position.sequence()));
        return start.map(JournalPosition::sequence);
    }

    private List<String> oldestFirst() {
        return files.list().stream()
                .filter(name -> name.startsWith("checkpoint-"))
                .sorted()
                .toList();
    }

    /** Others take all the room that is free. */
    private void fill() {
        files.limit(files.usedBytes());
    }

    private void writeSomeAndFill() throws IOException {
        for (long sequence = 1; sequence <= 4; sequence++) {
            write(sequence, NORMAL);
        }
        fill();
    }

    /** Tells whether it was written before the kill. */
    private boolean isWritten(long sequence) throws IOException {
        try {
            write(sequence, NORMAL);
            return true;
        } catch (JournalFiles.NoRoomException full) {
            throw full;
        } catch (IOException killed) {
            return false;
        }
    }

    private void killOrLosePower(int seed) {
        if (seed % 4 == 0) {
            files.restart();
        } else {
            files.crash(new Random(seed));
        }
        fill();
    }

    /** The node is killed at that step of another checkpoint, and others take what is free; tells whether it was written. */
    private boolean killAt(int step, int seed, long sequence) throws IOException {
        files.limit(Long.MAX_VALUE);
        files.list().forEach(files::remove);
        writeSomeAndFill();
        files.killAfter(step);
        boolean written = isWritten(sequence);
        killOrLosePower(seed);
        return written;
    }

    @Test
    void killAtAnyStepLeavesTheRoomForTheNextCheckpoint() throws IOException {
        boolean written = false;
        for (int step = 0; !written; step++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                written = killAt(step, seed, 5);
                write(6, NORMAL);
                assertThat(load()).as("step %d, seed %d", step, seed).contains(6L);
            }
        }
    }

    @Test
    void whatBearsACheckpointsNameIsWholeAfterAKillAtAnyStep() throws IOException {
        boolean written = false;
        for (int step = 0; !written; step++) {
            for (int seed = 0; seed < SEEDS; seed++) {
                written = killAt(step, seed, 5);
                List<Long> whole = new ArrayList<>();
                List<String> names = oldestFirst();
                for (int newest = names.size() - 1; newest >= 0; newest--) {
                    whole.add(load().orElseThrow());
                    files.remove(names.get(newest));
                }
                assertThat(whole).as("step %d, seed %d", step, seed).doesNotHaveDuplicates();
                assertThat(whole.get(0)).isBetween(written ? 5L : 4L, 5L);
            }
        }
    }

    @Test
    void anyNumberOfKillsLeavesTheRoomForTheNext() throws IOException {
        writeSomeAndFill();
        Random random = new Random(3);
        long newest = 4;
        for (int kill = 0; kill < 200; kill++) {
            files.killAfter(random.nextInt(12));
            boolean written = isWritten(5 + kill);
            killOrLosePower(kill);
            long loaded = load().orElseThrow();
            assertThat(loaded).as("kill %d", kill).isBetween(written ? 5 + kill : newest, 5L + kill);
            newest = loaded;
        }
        write(1_000, NORMAL);
        assertThat(load()).contains(1_000L);
    }

    @Test
    void killsWhileOnePositionIsWrittenAgainAndAgainLeaveTheRoomForTheNext() throws IOException {
        boolean written = false;
        for (int step = 0; !written; step++) {
            written = killAt(step, 0, 4);
            for (int kill = 0; kill < 3; kill++) {
                files.killAfter(step);
                isWritten(4);
                killOrLosePower(0);
            }
            write(6, NORMAL);
            assertThat(load()).as("step %d", step).contains(6L);
        }
    }

    @Test
    void roomIsStillHeldAfterACheckpointThatFindsNoneAlsoInIt() throws IOException {
        // given
        writeSomeAndFill();
        assertThatThrownBy(() -> write(5, LARGE)).isInstanceOf(JournalFiles.NoRoomException.class);

        // when
        fill();

        // then
        assertThat(load()).contains(4L);
        write(6, NORMAL);
        assertThat(load()).contains(6L);
    }

    @Test
    void olderCheckpointIsGivenUpWhereItsFileHasMoreRoomThanTheReserve() throws IOException {
        // given a disk that others filled before there was a third file
        write(1, NORMAL);
        write(2, NORMAL);
        files.remove("checkpoint.reserve");
        fill();

        // then
        for (long sequence = 3; sequence < 6; sequence++) {
            write(sequence, NORMAL);
            fill();
            assertThat(load()).contains(sequence);
        }
    }

    @Test
    void roomGrowsWithTheIndexWhileThereIsSome() throws IOException {
        for (int numbers = SMALL; numbers < LARGE; numbers += numbers / 4) {
            write(numbers, numbers);
            fill();
            write(numbers, numbers + numbers / 4);
            files.limit(Long.MAX_VALUE);
        }
        assertThat(load()).isPresent();
    }

    @Test
    void damagedCheckpointIsPassedByAndBytesBehindItsEndAreNot() throws IOException {
        for (long position : new long[] {0, 14, 19, 21, 60, 8 * SMALL}) {
            files.list().forEach(files::remove);
            for (long sequence = 1; sequence <= 4; sequence++) {
                write(sequence, SMALL);
            }
            String newest = oldestFirst().get(1);
            files.flip(newest, 9 * SMALL);
            assertThat(load()).contains(4L);
            files.flip(newest, position);
            assertThat(load()).as("damaged at %d", position).contains(3L);
        }
    }

    @Test
    void checkpointOfAnotherVersionIsRefused() throws IOException {
        write(1, SMALL);
        files.flip(oldestFirst().get(0), 11);
        assertThatThrownBy(this::load).hasMessageContaining("version");
    }
}
