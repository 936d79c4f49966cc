package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.tiering.upload.MemoryObjectStore.Fault;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class TiererTest {

    @Test
    void bringsClosedSegmentsIntoTheBucketAndTrimsTheDisks() {
        TieringWorld world = world(1);
        world.start();
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        world.assertComplete();
        assertThat(world.state().trimBelow()).isEqualTo(5);
        world.loop.runUntil(() -> world.disks.droppedBelow().size() == 3);
        assertThat(world.disks.droppedBelow().values()).containsOnly(5L);
    }

    @Test
    void putsSmallSegmentsThatWaitTogetherIntoOneObject() {
        TieringWorld world = new TieringWorld(2);
        for (int i = 0; i < 6; i++) {
            world.addClosed(1, 5);
        }
        world.addOpen();
        world.start();
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        world.assertComplete();
        assertThat(world.ranges()).hasSizeLessThan(6);
        ManifestRange first = world.ranges().get(0);
        assertThat(first.firstSegment()).isZero();
        assertThat(first.lastSegment()).isPositive();
    }

    @Test
    void asksTheNextReplicaWhenOneIsSilentAndAnotherCorrupt() {
        TieringWorld world = world(3);
        world.disks.silence(TieringWorld.DISKS.get(0));
        world.disks.corrupt(TieringWorld.DISKS.get(1));
        world.start();
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        world.assertComplete();
    }

    @Test
    void committsNothingWhileEveryReplicaIsCorrupt() {
        TieringWorld world = world(4);
        TieringWorld.DISKS.forEach(world.disks::corrupt);
        world.start();
        world.loop.runUntil(() -> world.loop.nowMs() > 60_000);
        assertThat(world.state().manifest()).isNull();
        assertThat(world.state().trimBelow()).isZero();
        assertThat(world.disks.droppedBelow()).isEmpty();
    }

    @Test
    void trimsNothingBeforeALaterSegmentsSnapshotIsConfirmed() {
        TieringWorld world = new TieringWorld(5);
        world.addClosed(3, 10);
        world.addOpen();
        world.owner().start(world.state());
        world.owner().stateChanged(world.state(), 0);
        world.loop.runUntil(() -> world.state().manifest() != null);
        assertThat(Backlog.trimBelow(world.state(), 0)).isEmpty();
        assertThat(Backlog.trimBelow(world.state(), 1)).hasValue(1);
    }

    @Test
    void waitsWhileTheBucketIsDeadAndCatchesUpAfter() {
        TieringWorld world = world(6);
        world.store.faults(call -> Fault.BEFORE);
        world.start();
        world.loop.runUntil(() -> world.loop.nowMs() > 10_000);
        assertThat(world.state().manifest()).isNull();
        assertThat(gauge(world, "siltstone.tiering.failing.partitions")).isEqualTo(1);
        assertThat(gauge(world, "siltstone.tiering.untiered.age.seconds")).isGreaterThan(5);
        world.store.faults(call -> Fault.NONE);
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        world.assertComplete();
        assertThat(gauge(world, "siltstone.tiering.failing.partitions")).isZero();
        assertThat(gauge(world, "siltstone.tiering.untiered.age.seconds")).isZero();
    }

    @Test
    void tellsWhenEverythingBelowAnOffsetIsTieredAndTrimmed() {
        TieringWorld world = world(7);
        world.start();
        CompletableFuture<Void> done = world.owner().whenTiered(world.state().closedEndOffset());
        assertThat(done).isNotDone();
        world.loop.runUntil(done::isDone);
        assertThat(done).isCompleted();
        assertThat(world.settled()).isTrue();
        assertThat(world.disks.droppedBelow()).hasSize(3);
    }

    @Test
    void failsWhoWaitsWhenTheOwnershipEnds() {
        TieringWorld world = world(8);
        world.start();
        CompletableFuture<Void> done = world.owner().whenTiered(world.state().closedEndOffset());
        world.owner().close();
        assertThat(done).isCompletedExceptionally();
    }

    @Test
    void doesNotUploadWhatLiesBelowTheLogStart() {
        TieringWorld world = world(9);
        long secondStart = world.state().segments().get(1).baseOffset();
        world.state(world.state().withLogStart(secondStart));
        world.start();
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        assertThat(world.tree().logStart()).isEqualTo(secondStart);
        assertThat(world.now(world.tree().page(0, 100).toCompletableFuture())
                        .get(0)
                        .baseOffset())
                .isEqualTo(secondStart);
    }

    @Test
    void dropsRangesFromTheManifestWhenTheLogStartHasMoved() {
        TieringWorld world = world(10);
        world.start();
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        long end = world.ranges().get(0).endOffset();
        world.state(world.state().withLogStart(end));
        world.loop.runUntil(() -> world.loop.nowMs() > 100_000);
        assertThat(world.tree().logStart()).isEqualTo(end);
        assertThat(world.now(world.tree().page(0, 100).toCompletableFuture())
                        .get(0)
                        .baseOffset())
                .isEqualTo(end);
    }

    /** Kills the owner at every single call to the outside, before and after it takes effect. */
    @Test
    void survivesACrashAtEveryStep() {
        for (boolean after : new boolean[] {false, true}) {
            int step = 1;
            while (crashAt(step, after)) {
                step++;
            }
            assertThat(step).isGreaterThan(20);
        }
    }

    private static boolean crashAt(int crashStep, boolean after) {
        TieringWorld world = world(11);
        world.store.checks(crashStep % 2 == 0);
        int[] steps = new int[1];
        world.store.faults(call -> {
            steps[0]++;
            return Fault.NONE;
        });
        world.disks.faults(answer -> {
            steps[0]++;
            return answer;
        });
        world.onCommit(() -> steps[0]++);
        world.start();
        world.loop.runUntil(() -> steps[0] >= crashStep || world.settled());
        boolean crashed = steps[0] >= crashStep && !world.settled();
        if (crashed) {
            if (after) {
                boolean[] ran = new boolean[1];
                world.loop.schedule(1, () -> ran[0] = true);
                world.loop.runUntil(() -> ran[0]);
            }
            world.crashAndTakeOver();
        }
        assertThat(world.loop.runUntil(world::settled))
                .as("crash at step " + crashStep)
                .isTrue();
        world.assertComplete();
        return crashed;
    }

    /** Random faults everywhere, owners that crash and owners that linger; each seed tells its own story. */
    @Test
    void losesNothingUnderRandomFaults() {
        for (long seed = 0; seed < 300; seed++) {
            try {
                runWithFaults(seed);
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void runWithFaults(long seed) {
        Random random = new Random(seed);
        TieringWorld world = world(seed);
        world.store.checks(random.nextBoolean());
        world.store.faults(call -> {
            int draw = random.nextInt(10);
            return draw == 0 ? Fault.BEFORE : draw == 1 ? Fault.AFTER : Fault.NONE;
        });
        world.disks.faults(answer -> random.nextInt(8) == 0 ? new Answer.Failed<>("flaky") : answer);
        world.start();
        for (int owners = random.nextInt(4); owners > 0; owners--) {
            long until = world.loop.nowMs() + random.nextInt(80);
            world.loop.runUntil(() -> world.loop.nowMs() >= until || world.settled());
            if (random.nextBoolean()) {
                world.crashAndTakeOver();
            } else {
                world.takeOver();
            }
        }
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        world.assertComplete();
    }

    private static double gauge(TieringWorld world, String name) {
        return world.registry.get(name).gauge().value();
    }

    private static TieringWorld world(long seed) {
        TieringWorld world = new TieringWorld(seed);
        world.addClosed(4, 10);
        world.addClosed(0, 0);
        world.addClosed(1, 3);
        world.addClosed(1, 40);
        world.addClosed(5, 7);
        world.addOpen();
        return world;
    }
}
