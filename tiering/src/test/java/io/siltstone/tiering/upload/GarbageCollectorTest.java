package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.format.PartitionKeys;
import io.siltstone.tiering.retention.CollectionReport;
import io.siltstone.tiering.retention.CollectionSettings;
import io.siltstone.tiering.retention.DeletedTopicCollector;
import io.siltstone.tiering.retention.GarbageCollector;
import io.siltstone.tiering.retention.PartitionRetention;
import io.siltstone.tiering.retention.RetentionPolicy;
import io.siltstone.tiering.upload.MemoryObjectStore.Fault;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The collector beside the tierer, in the same virtual time. */
class GarbageCollectorTest {

    private static final long GRACE_MS = 1_000;
    private static final CollectionSettings SETTINGS = new CollectionSettings(GRACE_MS, GRACE_MS - 1, false);
    private static final PartitionKeys KEYS =
            TieringWorld.KEYS.partition(TieringWorld.PARTITION.topic(), TieringWorld.PARTITION.partition());

    @Test
    void deletesWhatACrashLeftAfterTheGrace() {
        TieringWorld world = world(1);
        world.znodeAway(true);
        world.start();
        world.loop.runUntil(() -> world.loop.nowMs() > 1_500);
        world.crashAndTakeOver();
        world.znodeAway(false);
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        GarbageCollector collector = collector(world, SETTINGS);

        CollectionReport first = world.now(collector.collect());
        assertThat(first.orphans()).isEqualTo(1);
        assertThat(first.deleted()).isZero();
        pass(world, GRACE_MS);
        CollectionReport second = world.now(collector.collect());
        assertThat(second.deleted()).isEqualTo(1);
        assertThat(second.deletable()).allMatch(key -> key.startsWith(KEYS.segments()));
        world.assertComplete();
        assertThat(world.now(collector.collect()).orphans()).isZero();
    }

    @Test
    void leavesAloneWhatTheOwnerMayYetCommit() {
        TieringWorld world = world(2);
        world.znodeAway(true);
        world.start();
        world.loop.runUntil(() -> world.loop.nowMs() > 1_500);
        assertThat(world.store.objects().keySet()).anyMatch(key -> key.startsWith(KEYS.segments()));
        GarbageCollector collector = collector(world, SETTINGS);
        for (int i = 0; i < 5; i++) {
            assertThat(world.now(collector.collect()).orphans()).isZero();
            pass(world, GRACE_MS);
        }
        world.znodeAway(false);
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        world.assertComplete();
    }

    @Test
    void deletesWhatRetentionDroppedOnceTheManifestSaysSo() {
        TieringWorld world = world(3);
        world.start();
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        long objects = count(world);
        long end = world.ranges().get(0).endOffset();
        long timestamps = end; // a record's timestamp is its offset + 1
        PartitionRetention retention = new PartitionRetention(
                KEYS,
                world.state().epoch(),
                world.store,
                (change, done) -> {
                    world.state(java.util.Objects.requireNonNull(change.applyTo(world.state())));
                    done.accept(io.siltstone.log.writer.UpdateResult.DONE);
                },
                world.loop);
        GarbageCollector collector = collector(world, SETTINGS);
        world.now(retention.check(world.state(), new RetentionPolicy(0, -1), timestamps + 1));
        assertThat(world.state().logStart()).isEqualTo(end);
        world.loop.runUntil(() -> world.tree().logStart() == end);
        world.now(collector.collect());
        pass(world, GRACE_MS);
        world.now(collector.collect());
        assertThat(count(world)).isEqualTo(objects - 1);
        assertThat(world.now(world.tree().page(0, 100).toCompletableFuture()))
                .allMatch(range -> world.store.objects().containsKey(range.key()));
    }

    @Test
    void refusesMassDeletion() {
        TieringWorld world = settled(4);
        for (int i = 0; i < 50; i++) {
            world.store.objects().put(KEYS.segment(i, 0, "stray"), new byte[1]);
        }
        GarbageCollector collector = collector(world, SETTINGS);
        world.now(collector.collect());
        pass(world, GRACE_MS);
        CollectionReport report = world.now(collector.collect());
        assertThat(report.braked()).isTrue();
        assertThat(report.deleted()).isZero();
        assertThat(report.deletable()).hasSize(50);
    }

    @Test
    void onlyTellsInADryRun() {
        TieringWorld world = settled(5);
        world.store.objects().put(KEYS.segment(3, 0, "stray"), new byte[1]);
        GarbageCollector collector = collector(world, new CollectionSettings(GRACE_MS, 0, true));
        world.now(collector.collect());
        pass(world, GRACE_MS);
        CollectionReport report = world.now(collector.collect());
        assertThat(report.deletable()).containsExactly(KEYS.segment(3, 0, "stray"));
        assertThat(world.store.objects()).containsKey(KEYS.segment(3, 0, "stray"));
    }

    @Test
    void deletesNothingOfALaterEpoch() {
        TieringWorld world = settled(6);
        String later = KEYS.segment(3, world.state().epoch() + 1, "later");
        world.store.objects().put(later, new byte[1]);
        GarbageCollector collector = collector(world, SETTINGS);
        assertThat(world.now(collector.collect()).orphans()).isZero();
    }

    @Test
    void stopsWhenItIsNotTheOwnerAnyMore() {
        TieringWorld world = settled(7);
        GarbageCollector collector = collector(world, SETTINGS);
        world.takeOver();
        CompletableFuture<CollectionReport> pass = collector.collect();
        world.loop.runUntil(pass::isDone);
        assertThat(pass).isCompletedExceptionally();
    }

    @Test
    void insistsOnAGraceLongerThanAnyLink() {
        assertThatThrownBy(() -> new CollectionSettings(1_000, 1_000, false))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void deletesATopicSomeTimeAfterItsMark() {
        TieringWorld world = settled(8);
        String description = TieringWorld.KEYS.topicDescription(TieringWorld.PARTITION.topic(), 1);
        world.store.objects().put(description, new byte[1]);
        DeletedTopicCollector collector =
                new DeletedTopicCollector(TieringWorld.KEYS, world.store, SETTINGS, world.loop::nowMs);
        assertThat(world.now(collector.collect(TieringWorld.PARTITION.topic()))).isFalse();
        assertThat(world.store.objects()).isNotEmpty();
        pass(world, GRACE_MS);
        assertThat(world.now(collector.collect(TieringWorld.PARTITION.topic()))).isTrue();
        assertThat(world.store.objects()).isEmpty();
    }

    /** Owners that crash and linger, calls that fail, and a collector in a hurry: nothing that is named may go. */
    @Test
    void neverDeletesWhatIsNeededUnderRandomFaults() {
        for (long seed = 0; seed < 200; seed++) {
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
        world.start();
        for (int owners = 1 + random.nextInt(4); owners > 0; owners--) {
            GarbageCollector collector = collector(world, new CollectionSettings(5, 0, false));
            for (int passes = random.nextInt(5); passes > 0; passes--) {
                CompletableFuture<CollectionReport> pass = collector.collect();
                world.loop.runUntil(pass::isDone);
                pass(world, random.nextInt(20));
            }
            if (random.nextBoolean()) {
                world.crashAndTakeOver();
            } else {
                world.takeOver();
            }
        }
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        world.assertComplete();
    }

    private static void pass(TieringWorld world, long ms) {
        boolean[] over = new boolean[1];
        world.loop.schedule(ms, () -> over[0] = true);
        world.loop.runUntil(() -> over[0]);
    }

    private static long count(TieringWorld world) {
        return world.store.objects().keySet().stream()
                .filter(key -> key.startsWith(KEYS.segments()))
                .count();
    }

    private static GarbageCollector collector(TieringWorld world, CollectionSettings settings) {
        PartitionTiering owner = world.owner();
        return new GarbageCollector(
                KEYS,
                world.state().epoch(),
                world.store,
                () -> CompletableFuture.completedFuture(Optional.of(world.state())),
                owner::keysInUse,
                settings,
                world.loop::nowMs,
                world.loop);
    }

    private static TieringWorld settled(long seed) {
        TieringWorld world = world(seed);
        world.start();
        assertThat(world.loop.runUntil(world::settled)).isTrue();
        return world;
    }

    private static TieringWorld world(long seed) {
        TieringWorld world = new TieringWorld(seed);
        for (int batches : List.of(4, 0, 40, 3, 5)) {
            world.addClosed(batches, 7);
        }
        world.addOpen();
        return world;
    }
}
