package io.siltstone.metadata.assignment;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.ImageEdit;
import io.siltstone.metadata.ImagePublisher;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.TopicImage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The controller against registers and timers that the test drives step by step. */
class ControllerTest {

    private static final UUID TOPIC = new UUID(1, 1);
    private static final Controller.Settings SETTINGS = new Controller.Settings(4, 1_000, 100);

    private final Registers registers = new Registers();
    private final ManualTimers timers = new ManualTimers();
    private final Controller controller = new Controller(registers, timers, SETTINGS);
    private final ImagePublisher publisher = new ImagePublisher("cluster", Runnable::run);

    @BeforeEach
    void watch() {
        publisher.complete();
        publisher.subscribe(controller::changed);
    }

    @Test
    void assignsNewPartitionsAtOnceWithSeveralInFlight() {
        join(1);
        join(2);
        controller.lead(publisher.image());

        createTopic(10);

        assertThat(registers.waiting()).isEqualTo(SETTINGS.maxInFlight());
        settle();
        assertThat(counts()).isEqualTo(Map.of(1, 5, 2, 5));
    }

    @Test
    void reassignsPartitionsOfVanishedNodeAtOnce() {
        join(1);
        join(2);
        controller.lead(publisher.image());
        createTopic(8);
        settle();

        leave(1);

        assertThat(registers.waiting()).isPositive();
        settle();
        assertThat(counts()).isEqualTo(Map.of(2, 8));
    }

    @Test
    void takesPartitionsFromDrainingNode() {
        join(1);
        join(2);
        controller.lead(publisher.image());
        createTopic(8);
        settle();

        publisher.publish(edit -> edit.putIngestNode(node(1).withDraining(true)));
        settle();

        assertThat(counts()).isEqualTo(Map.of(2, 8));
    }

    @Test
    void leavesPartitionsWithDrainingNodeWhereThereIsNoOther() {
        join(1);
        controller.lead(publisher.image());
        createTopic(3);
        settle();

        publisher.publish(edit -> edit.putIngestNode(node(1).withDraining(true)));
        settle();

        assertThat(counts()).isEqualTo(Map.of(1, 3));
    }

    @Test
    void balancesOnlyAfterCalmWhenNodesJoin() {
        join(1);
        controller.lead(publisher.image());
        createTopic(9);
        settle();

        join(2);
        timers.advance(SETTINGS.calmMs() - 1);
        join(3);
        timers.advance(SETTINGS.calmMs() - 1);
        assertThat(registers.waiting()).isZero();
        timers.advance(1);
        settle();

        assertThat(counts()).isEqualTo(Map.of(1, 3, 2, 3, 3, 3));
    }

    @Test
    void keepsWhatTheOwnerWroteWhenItLostTheRace() {
        join(1);
        controller.lead(publisher.image());
        createTopic(1);
        PartitionId partition = new PartitionId(TOPIC, 0);
        registers.write(partition, state -> state.claimedBy(new Owner(9, 9)));

        settle();

        PartitionState state = registers.state(partition);
        assertThat(state.owner()).isEqualTo(new Owner(9, 9));
        assertThat(state.assigned()).isEqualTo(owner(1));
    }

    @Test
    void decidesAgainWhenTheChosenNodeVanishesMeanwhile() {
        join(1);
        controller.lead(publisher.image());
        createTopic(1);
        join(2);

        leave(1);
        settle();

        assertThat(counts()).isEqualTo(Map.of(2, 1));
    }

    @Test
    void changesNothingWhenNotElected() {
        join(1);
        createTopic(3);
        assertThat(registers.waiting()).isZero();

        controller.lead(publisher.image());
        controller.resign();
        settle();

        assertThat(counts()).isEqualTo(Map.of(1, 3));
        join(2);
        leave(1);
        timers.advance(10_000);
        assertThat(registers.waiting()).isZero();
    }

    @Test
    void settlesUnderLossRacesAndChurn() {
        for (int seed = 0; seed < 200; seed++) {
            new ControllerTest().churn(new Random(seed), "seed " + seed);
        }
    }

    private void churn(Random random, String what) {
        watch();
        registers.faults = random;
        join(1);
        controller.lead(publisher.image());
        createTopic(1 + random.nextInt(20));
        for (int step = 0; step < 60; step++) {
            int node = 1 + random.nextInt(4);
            switch (random.nextInt(6)) {
                case 0 -> join(node);
                case 1 -> leave(node);
                case 2 -> registers.write(new PartitionId(TOPIC, 0), state -> state.claimedBy(owner(node)));
                case 3 -> timers.advance(random.nextInt(1_500));
                default -> registers.answerOne();
            }
            if (random.nextBoolean()) {
                registers.show(publisher);
            }
        }
        join(1);
        registers.faults = null;
        for (int i = 0; i < 5; i++) {
            settle();
            timers.advance(SETTINGS.calmMs());
        }
        settle();

        int live = publisher.image().ingestNodes().size();
        Map<Integer, Integer> counts = counts();
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        for (int node : publisher.image().ingestNodes().keySet()) {
            assertThat(counts.getOrDefault(node, 0)).as(what).isBetween(all / live, (all + live - 1) / live);
        }
        assertThat(controller.undecided()).as(what).isZero();
    }

    private void join(int node) {
        publisher.publish(edit -> edit.putIngestNode(node(node)));
    }

    private void leave(int node) {
        publisher.publish(edit -> edit.removeIngestNode(node));
    }

    private void createTopic(int partitions) {
        for (int i = 0; i < partitions; i++) {
            registers.create(new PartitionId(TOPIC, i));
        }
        registers.show(publisher);
        publisher.publish(edit -> edit.putTopic(new TopicImage("topic", TOPIC, partitions, Map.of(), 0)));
    }

    /** Answers everything and shows it, until nothing more happens. */
    private void settle() {
        do {
            while (registers.waiting() > 0) {
                registers.answerOne();
            }
            timers.advance(SETTINGS.retryMs());
            registers.show(publisher);
        } while (registers.waiting() > 0);
    }

    private Map<Integer, Integer> counts() {
        Map<Integer, Integer> counts = new HashMap<>();
        publisher.image().partitions().values().forEach(partition -> {
            Owner assigned = partition.state().assigned();
            if (assigned != null) {
                counts.merge(assigned.node(), 1, Integer::sum);
            }
        });
        return counts;
    }

    private static Owner owner(int node) {
        return new Owner(node, node * 11L);
    }

    private static IngestNodeImage node(int node) {
        return new IngestNodeImage(owner(node), "host", 9092, "", "", false);
    }

    /** Registers whose answers wait until the test lets them go; some are lost if it says so. */
    private static final class Registers implements ChainStore {

        private final Map<PartitionId, PartitionImage> values = new HashMap<>();
        private final Deque<Runnable> calls = new ArrayDeque<>();
        private final Set<PartitionId> unseen = new HashSet<>();
        private @Nullable Random faults;

        @Override
        public void read(PartitionId partition, Consumer<ReadResult> answer) {
            calls.add(() -> {
                PartitionImage value = values.get(partition);
                if (fault()) {
                    answer.accept(new ReadResult.Unavailable("test"));
                } else if (value == null) {
                    answer.accept(new ReadResult.Missing());
                } else {
                    answer.accept(new ReadResult.Found(value.state(), value.version()));
                }
            });
        }

        @Override
        public void compareAndSet(
                PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
            calls.add(() -> {
                PartitionImage value = values.get(partition);
                boolean happens = !fault();
                boolean won = happens && value != null && value.version() == expectedVersion;
                if (won) {
                    put(partition, new PartitionImage(next, expectedVersion + 1));
                }
                if (!happens || fault()) {
                    answer.accept(new CasResult.Unknown("test"));
                } else {
                    answer.accept(won ? new CasResult.Won(expectedVersion + 1) : new CasResult.Lost());
                }
            });
        }

        void create(PartitionId partition) {
            put(partition, new PartitionImage(PartitionState.initial(), 0));
        }

        void write(PartitionId partition, UnaryOperator<PartitionState> change) {
            PartitionImage value = Objects.requireNonNull(values.get(partition));
            put(partition, new PartitionImage(change.apply(value.state()), value.version() + 1));
        }

        PartitionState state(PartitionId partition) {
            return Objects.requireNonNull(values.get(partition)).state();
        }

        int waiting() {
            return calls.size();
        }

        void answerOne() {
            Runnable call = calls.poll();
            if (call != null) {
                call.run();
            }
        }

        void show(ImagePublisher publisher) {
            List<PartitionId> changed = new ArrayList<>(unseen);
            unseen.clear();
            publisher.publish((ImageEdit edit) -> changed.forEach(
                    partition -> edit.putPartition(partition, Objects.requireNonNull(values.get(partition)))));
        }

        private void put(PartitionId partition, PartitionImage value) {
            values.put(partition, value);
            unseen.add(partition);
        }

        private boolean fault() {
            return faults != null && faults.nextInt(4) == 0;
        }
    }

    /** Time that passes when the test says so. */
    private static final class ManualTimers implements Timers {

        private final List<Due> due = new ArrayList<>();
        private long nowMs;

        @Override
        public long nowMs() {
            return nowMs;
        }

        @Override
        public long wallClockMs() {
            return nowMs;
        }

        @Override
        public Timer schedule(long delayMs, Runnable action) {
            Due timer = new Due(nowMs + delayMs, action);
            due.add(timer);
            return () -> due.remove(timer);
        }

        void advance(long ms) {
            nowMs += ms;
            for (Due timer : List.copyOf(due)) {
                if (timer.atMs() <= nowMs && due.remove(timer)) {
                    timer.action().run();
                }
            }
        }

        private record Due(long atMs, Runnable action) {}
    }
}
