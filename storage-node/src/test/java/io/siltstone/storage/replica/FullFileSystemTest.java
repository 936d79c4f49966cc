package io.siltstone.storage.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.storage.journal.JournalSettings;
import io.siltstone.storage.journal.VolatileFiles;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** A disk whose file system has less room than its limit, as when others share it. */
class FullFileSystemTest {

    private static final SegmentId SEGMENT = TestDisk.segment(4);
    private static final JournalSettings SETTINGS = new JournalSettings(256 << 10, 100 * (256 << 10));
    private static final int ENOUGH_TICKS = 30;

    private final VolatileFiles files = new VolatileFiles();
    private final TestDisk.Writer writer = new TestDisk.Writer();

    private TestDisk start() throws IOException {
        return new TestDisk(files, SETTINGS, new ReplicaRules());
    }

    private static void append(TestDisk disk, TestDisk.Writer link, SegmentId segment, long entry) throws IOException {
        ByteBuf payload = TestDisk.payload(entry, 60_000);
        disk.core.append(link, entry + 1, List.of(TestDisk.header(segment, entry, 1, payload)), payload);
        disk.sync();
    }

    /** Appends until the disk takes no more; tells the last entry. */
    private long fill(TestDisk disk) throws IOException {
        long entry = 0;
        while (writer.refusals.isEmpty()) {
            append(disk, writer, SEGMENT, entry++);
        }
        assertThat(writer.refusals.get(0).code()).isEqualTo(Code.BUSY);
        return entry - 2;
    }

    @Test
    void appendsAreRefusedWhileFencesRecoveryReadsAndDropsGoOn() throws IOException {
        TestDisk disk = start();
        files.limit(20 * SETTINGS.fileBytes());
        long last = fill(disk);
        assertThat(disk.readAndRelease(SEGMENT, last, last, 100_000)).hasSize(1);
        assertThat(disk.fence(SEGMENT, 2).lastEntry()).isEqualTo(last);
        assertThat(disk.recover(TestDisk.segment(5), 2, 1, 0, 5).code()).isEqualTo(Code.OK);

        disk.core.drop(TestDisk.PARTITION, 6, () -> {});
        disk.sync();
        disk.engine.maintain();
        TestDisk.Writer next = new TestDisk.Writer();
        append(disk, next, TestDisk.segment(6), 0);
        assertThat(next.refusals).isEmpty();
    }

    @Test
    void startsAgainAndAgainWithoutRoomForAnotherFile() throws IOException {
        TestDisk disk = start();
        files.limit(20 * SETTINGS.fileBytes());
        long last = fill(disk);
        files.limit(files.usedBytes());
        for (int starts = 0; starts < 10; starts++) {
            files.crash(new Random(starts));
            ReplicaEngine.startInline(files, TestDisk.DISK, SETTINGS, new ReplicaRules(), new Random(starts));
        }
        disk = start();
        assertThat(disk.core.stat(SEGMENT).lastEntry()).isEqualTo(last);
        assertThat(disk.readAndRelease(SEGMENT, 0, 2, 200_000)).hasSize(3);
    }

    @Test
    void startsAgainAndAgainWhenEachStartWritesAndNoCheckpointIsDue() throws IOException {
        TestDisk disk = start();
        files.limit(20 * SETTINGS.fileBytes());
        long last = fill(disk);
        files.limit(files.usedBytes());
        for (int starts = 0; starts < 10; starts++) {
            files.crash(new Random(starts));
            disk = startWithoutBackground(starts);
            assertThat(disk.fence(SEGMENT, 2 + starts).lastEntry()).isEqualTo(last);
        }
    }

    /** It is killed again before its first checkpoint and its next file are ready. */
    private TestDisk startWithoutBackground(int seed) throws IOException {
        Background never = new Background() {
            @Override
            public <T> void run(Work<T> work, Consumer<T> done, Consumer<IOException> failed) {}
        };
        return new TestDisk(startWith(seed, never));
    }

    private ReplicaEngine startWith(int seed, Background background) throws IOException {
        return ReplicaEngine.start(
                files,
                TestDisk.DISK,
                SETTINGS,
                new ReplicaRules(),
                new Random(seed),
                (plan, done) -> {},
                background,
                background,
                failure -> {});
    }

    @Test
    void journalWaitsForNoFileToBeCreatedWhileTheFileSystemHasRoom() throws IOException {
        Deque<Runnable> work = new ArrayDeque<>();
        TestDisk disk = new TestDisk(startWith(0, queue(work)));

        int ready = disk.engine.space().spares();

        disk.engine.maintain();
        work.remove().run();

        assertThat(disk.engine.space().spares()).isEqualTo(ready + 1);
    }

    /** Work that is done when the test says so. */
    private static Background queue(Deque<Runnable> work) {
        return new Background() {
            @Override
            public <T> void run(Work<T> task, Consumer<T> done, Consumer<IOException> failed) {
                work.add(() -> Background.INLINE.run(task, done, failed));
            }
        };
    }

    @Test
    void reserveIsLeftWhenTheRoomEndsBeforeTheNodeKnows() throws IOException {
        // given writers that are faster than files are made ready: that is done only where the journal waits for it
        files.limit(20 * SETTINGS.fileBytes());
        Deque<Runnable> work = new ArrayDeque<>();
        TestDisk disk = new TestDisk(startWith(0, queue(work)));
        disk.engine.maintain();

        // when they find the file system full
        long entry = 0;
        while (writer.refusals.isEmpty()) {
            while (disk.engine.space().spares() == 0) {
                assertThat(work).as("what readies files").isNotEmpty();
                work.remove().run();
            }
            append(disk, writer, SEGMENT, entry++);
        }

        // then starts find empty files
        files.limit(files.usedBytes());
        for (int starts = 0; starts < 10; starts++) {
            files.crash(new Random(starts));
            disk = startWithoutBackground(starts);
            assertThat(disk.fence(SEGMENT, 2 + starts).lastEntry()).isEqualTo(entry - 2);
        }
    }

    @Test
    void startsAgainWhenRecoveryHasUsedItsPartOfTheReserve() throws IOException {
        TestDisk disk = start();
        files.limit(20 * SETTINGS.fileBytes());
        fill(disk);
        files.limit(files.usedBytes());
        long recovered = 0;
        while (disk.recover(TestDisk.segment(5), 2, 1, recovered, recovered + 9).code() == Code.OK) {
            recovered += 10;
        }
        for (int starts = 0; starts < 10; starts++) {
            files.crash(new Random(starts));
            disk = start();
        }
        assertThat(disk.verify(TestDisk.segment(5))).isGreaterThanOrEqualTo(recovered - 1);
    }

    @Test
    void checkpointUsesTheRoomThatIsHeldForIt() throws IOException {
        TestDisk disk = start();
        for (long entry = 0; entry < 200; entry++) {
            disk.append(writer, entry + 1, SEGMENT, entry, 1);
            disk.sync();
        }
        files.limit(files.usedBytes());
        boolean[] written = {false};
        int before = checkpoints().size();
        String newest = checkpoints().get(before - 1);
        disk.engine.checkpoint(() -> written[0] = true);
        assertThat(written[0]).isTrue();
        assertThat(checkpoints().get(checkpoints().size() - 1)).isGreaterThan(newest);
    }

    @Test
    void checkpointWithoutRoomIsWrittenLaterAndNothingStops() throws IOException {
        // given a disk that is written while nothing may grow, not even into what was held
        TestDisk disk = start();
        files.remove("checkpoint.reserve");
        List<String> before = checkpoints();
        files.limit(0);
        long last = fill(disk);
        assertThat(checkpoints()).isEqualTo(before.subList(before.size() - 1, before.size()));
        assertThat(disk.fence(SEGMENT, 2).lastEntry()).isEqualTo(last);

        // when it starts again, from the old checkpoint and all that lies behind it
        files.crash(new Random(1));
        disk = start();
        assertThat(disk.fence(SEGMENT, 3).lastEntry()).isEqualTo(last);
        disk.core.drop(TestDisk.PARTITION, 5, () -> {});
        disk.sync();

        // then a checkpoint comes when there is room, and with it the files come free
        files.limit(files.usedBytes() + (2 << 20));
        for (int tick = 0; tick < ENOUGH_TICKS; tick++) {
            disk.engine.maintain();
        }
        assertThat(checkpoints()).isNotEqualTo(before);
        TestDisk.Writer next = new TestDisk.Writer();
        append(disk, next, TestDisk.segment(6), 0);
        assertThat(next.refusals).isEmpty();
    }

    @Test
    void appendsAreTakenAgainWhenTheFileSystemHasRoomAgain() throws IOException {
        TestDisk disk = start();
        files.limit(20 * SETTINGS.fileBytes());
        fill(disk);
        files.limit(Long.MAX_VALUE);
        for (int tick = 0; tick < ENOUGH_TICKS; tick++) {
            disk.engine.maintain();
        }
        TestDisk.Writer next = new TestDisk.Writer();
        append(disk, next, TestDisk.segment(6), 0);
        assertThat(next.refusals).isEmpty();
    }

    private List<String> checkpoints() {
        return files.list().stream()
                .filter(name -> name.startsWith("checkpoint-"))
                .toList();
    }
}
