package io.siltstone.ingest.cluster;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.siltstone.ingest.connection.RequestBudget;
import io.siltstone.ingest.kafka.RecordValidation;
import io.siltstone.ingest.partition.AppendCallback;
import io.siltstone.ingest.partition.EventLoopTimers;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.PartitionLoop;
import io.siltstone.ingest.partition.PartitionMetrics;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.ingest.partition.StorageDisks;
import io.siltstone.ingest.partition.TailCache;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Placement;
import io.siltstone.log.writer.Resignation;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.TopicImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.AppendOrigin;

/**
 * One ingest node's partitions on one event loop, over disks and a metadata store in memory: it owns every partition of
 * its {@link #cluster}.
 */
public final class OwningNode implements AutoCloseable {

    private final EventLoop loop = new DefaultEventLoop();
    private final Timers timers = new EventLoopTimers(loop);
    private final FakeCluster cluster = new FakeCluster(3);
    private final FakeDisks disks = new FakeDisks(loop);
    private final List<String> tenures = new ArrayList<>();
    private final Partitions partitions;
    private volatile boolean full;
    private volatile int held = -1;

    public OwningNode() {
        PartitionLoop partitionLoop = new PartitionLoop(
                loop,
                new MemoryChains(),
                disks,
                (disk, segment, offset, lastEntry, maxBytes, answer) -> {
                    throw new UnsupportedOperationException("everything is in the tail cache");
                },
                null,
                null,
                (disk, partition, below, answer) -> {},
                timers,
                new AllDisks(),
                new Counts(),
                new TailCache(16 << 20),
                new RecordValidation(UnpooledByteBufAllocator.DEFAULT),
                new RequestBudget(16 << 20),
                new PartitionMetrics(new SimpleMeterRegistry()));
        partitions = new Partitions(
                List.of(partitionLoop),
                new TopicDefaults(Map.of()),
                cluster,
                new NotedTenures(),
                TimeUnit.DAYS.toMillis(1));
        partitions.start(FakeCluster.NODE);
    }

    /** Whether all disks are above their marks. */
    public void disksFull(boolean newFull) {
        full = newFull;
    }

    /** From now on no takeover of partitions of this number ends. */
    public void holdTakeovers(int partition) {
        held = partition;
    }

    public EventLoop loop() {
        return loop;
    }

    public FakeCluster cluster() {
        return cluster;
    }

    public FakeDisks disks() {
        return disks;
    }

    public Partitions partitions() {
        return partitions;
    }

    /** The one partition of a new topic, once it is open. */
    public Partition open(String topic) {
        return open(topic, 1);
    }

    /** The first partition of a new topic, once it is open. */
    public Partition open(String topic, int count) {
        TopicImage created = cluster.createTopic(topic, count, Map.of()).join();
        PartitionId id = new PartitionId(created.id(), 0);
        Await.until(
                topic + " is open",
                () -> partitions.find(id).isPresent()
                        && call(partitions.find(id).orElseThrow()::isOpen));
        return partitions.find(id).orElseThrow();
    }

    /** What became of the tenures, in order: "opened", "over". On the event loop. */
    public List<String> tenures() {
        return tenures;
    }

    /** Creates a topic of one partition, and appends as soon as its tenure is there, long before it is open. */
    public void appendDuringTakeover(String topic, MemoryRecords records, AppendCallback callback) {
        loop.execute(() -> {
            PartitionId id = new PartitionId(
                    cluster.createTopic(topic, 1, Map.of()).join().id(), 0);
            // Behind what the metadata's change has put into the loop's queue.
            loop.execute(() -> append(partitions.find(id).orElseThrow(), records, Long.MAX_VALUE, callback));
        });
    }

    /** Appends what a client sent; completes with the base offset, or fails. */
    public CompletableFuture<Long> append(Partition partition, MemoryRecords records) {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        append(partition, records, Long.MAX_VALUE, new AppendCallback() {
            @Override
            public void appended(long baseOffset, long logAppendTimeMs, long logStartOffset) {
                answer.complete(baseOffset);
            }

            @Override
            public void failed(RuntimeException why) {
                answer.completeExceptionally(why);
            }
        });
        return answer.orTimeout(20, TimeUnit.SECONDS);
    }

    /**
     * Appends what a client sent who waits only so long.
     *
     * @param deadlineMs on {@link #nowMs}'s clock
     */
    public void append(Partition partition, MemoryRecords records, long deadlineMs, AppendCallback callback) {
        ByteBuf bytes = Unpooled.wrappedBuffer(records.buffer().duplicate());
        loop.execute(() ->
                partition.append(records, bytes, bytes.readableBytes(), AppendOrigin.CLIENT, deadlineMs, callback));
    }

    /** As the partitions count their deadlines. */
    public long nowMs() {
        return timers.nowMs();
    }

    /** Asks on the event loop. */
    public <T> T call(Callable<T> question) {
        return loop.submit(question).syncUninterruptibly().getNow();
    }

    @Override
    public void close() {
        partitions.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    private final class NotedTenures implements Partitions.Tenures {

        @Override
        public void opened(Partition partition) {
            tenures.add("opened");
        }

        @Override
        public void over(Partition partition, Resignation why) {
            tenures.add("over");
        }
    }

    /** Registers that answer at once. */
    private final class MemoryChains implements ChainStore {

        private record Register(PartitionState state, int version) {}

        private final Map<PartitionId, Register> registers = new HashMap<>();

        private Register register(PartitionId partition) {
            return registers.getOrDefault(
                    partition, new Register(PartitionState.initial().assignedTo(FakeCluster.NODE), 0));
        }

        @Override
        public void read(PartitionId partition, Consumer<ReadResult> answer) {
            if (partition.partition() == held) {
                return;
            }
            Register known = register(partition);
            loop.execute(() -> answer.accept(new ReadResult.Found(known.state, known.version)));
        }

        @Override
        public void compareAndSet(
                PartitionId partition, int expectedVersion, PartitionState next, Consumer<CasResult> answer) {
            boolean won = register(partition).version == expectedVersion;
            if (won) {
                registers.put(partition, new Register(next, expectedVersion + 1));
            }
            loop.execute(() -> answer.accept(won ? new CasResult.Won(expectedVersion + 1) : new CasResult.Lost()));
        }
    }

    private final class AllDisks implements Placement {

        @Override
        public List<DiskId> choose(int width, Set<DiskId> avoid) {
            List<DiskId> all = new ArrayList<>(cluster.image().storageDisks().keySet());
            return all.subList(0, Math.min(width, all.size()));
        }

        @Override
        public List<DiskId> chooseDespiteRoom(int width) {
            return choose(width, Set.of());
        }

        @Override
        public boolean isLive(DiskId disk) {
            return true;
        }

        @Override
        public String domain(DiskId disk) {
            return disk.toString();
        }
    }

    private final class Counts implements StorageDisks {

        @Override
        public int writable() {
            return full ? 0 : live();
        }

        @Override
        public int live() {
            return cluster.image().storageDisks().size();
        }
    }
}
