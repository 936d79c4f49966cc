package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.siltstone.ingest.connection.RequestBudget;
import io.siltstone.ingest.kafka.RecordValidation;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.client.Backpressure;
import io.siltstone.log.client.PlainTransport;
import io.siltstone.log.client.ReplicaClient;
import io.siltstone.log.client.ReplicaClientSettings;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.log.writer.Placement;
import io.siltstone.metadata.ImagePublisher;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.TopicImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PartitionsTest {

    private static final Owner SELF = new Owner(1, 7);
    private static final UUID TOPIC = new UUID(3, 4);
    private static final PartitionId PARTITION = new PartitionId(TOPIC, 2);

    private final DefaultEventLoop loop = new DefaultEventLoop();
    private final ImagePublisher view = new ImagePublisher("cluster", Runnable::run);
    private final RegistersAsked registers = new RegistersAsked();
    private final Partitions partitions = new Partitions(
            List.of(partitionLoop()), new TopicDefaults(Map.of()), view, Partitions.Tenures.IGNORED, 86_400_000);

    @AfterEach
    void stop() {
        loop.shutdownGracefully().syncUninterruptibly();
    }

    @Test
    void takesOverAPartitionWhoseTopicIsSeenAfterItsAssignment() {
        view.complete();
        partitions.start(SELF);
        view.publish(edit -> edit.putPartition(
                PARTITION, new PartitionImage(PartitionState.initial().assignedTo(SELF), 1)));
        settle();
        assertThat(partitions.find(PARTITION)).isEmpty();

        view.publish(edit -> edit.putTopic(new TopicImage("late", TOPIC, 3, Map.of(), 0)));
        settle();

        assertThat(partitions.find(PARTITION)).isPresent();
        assertThat(registers.read).containsExactly(PARTITION);
    }

    /** Everything that was handed to the loop, and what that handed on, has run. */
    private void settle() {
        for (int hop = 0; hop < 4; hop++) {
            loop.submit(() -> {}).syncUninterruptibly();
        }
    }

    private PartitionLoop partitionLoop() {
        ReplicaClient replicas = new ReplicaClient(
                loop,
                ReplicaClientSettings.withDefaults("cluster"),
                disk -> Optional.empty(),
                new PlainTransport(SocketTransport.best(), "test"),
                Backpressure.none());
        return new PartitionLoop(
                loop,
                registers,
                replicas,
                replicas::readFromOffset,
                null,
                null,
                (disk, partition, below, answer) -> {},
                new EventLoopTimers(loop),
                new NoDisks(),
                new NoLiveDisks(),
                new TailCache(0),
                new RecordValidation(PooledByteBufAllocator.DEFAULT),
                new RequestBudget(1 << 20),
                new PartitionMetrics(new SimpleMeterRegistry()));
    }

    /** Registers that note who is asked for, and do not answer. */
    private static final class RegistersAsked implements ChainStore {

        private final List<PartitionId> read = new ArrayList<>();

        @Override
        public void read(PartitionId partition, Consumer<ReadResult> answer) {
            read.add(partition);
        }

        @Override
        public void compareAndSet(
                PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
            throw new AssertionError("nothing was read yet");
        }
    }

    private static final class NoLiveDisks implements StorageDisks {

        @Override
        public int writable() {
            return 0;
        }

        @Override
        public int live() {
            return 0;
        }
    }

    private static final class NoDisks implements Placement {

        @Override
        public List<DiskId> choose(int width, Set<DiskId> avoid) {
            return List.of();
        }

        @Override
        public List<DiskId> chooseDespiteRoom(int width) {
            return List.of();
        }

        @Override
        public boolean isLive(DiskId disk) {
            return false;
        }

        @Override
        public String domain(DiskId disk) {
            return "";
        }
    }
}
