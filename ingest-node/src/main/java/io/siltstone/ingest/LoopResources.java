package io.siltstone.ingest;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.siltstone.ingest.archive.Archive;
import io.siltstone.ingest.connection.RequestBudget;
import io.siltstone.ingest.kafka.RecordValidation;
import io.siltstone.ingest.partition.EventLoopTimers;
import io.siltstone.ingest.partition.PartitionLoop;
import io.siltstone.ingest.partition.PartitionMetrics;
import io.siltstone.ingest.partition.TailCache;
import io.siltstone.ingest.partition.TieredReads;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.client.Backpressure;
import io.siltstone.log.client.DiskAddress;
import io.siltstone.log.client.PlainTransport;
import io.siltstone.log.client.ReplicaClient;
import io.siltstone.log.client.ReplicaClientSettings;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.log.writer.Replicas;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.placement.ClusterPlacement;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What one event loop owns: its connections to storage nodes, its tail cache, its validator. */
final class LoopResources {

    /** Copies of entries that wait for their acknowledgement: three of what the request budget lets in. */
    private static final int REPLICAS = 3;

    private final ReplicaClient replicas;
    private final TailCache tailCache;
    private final PartitionLoop partitionLoop;

    private LoopResources(ReplicaClient replicas, TailCache tailCache, PartitionLoop partitionLoop) {
        this.replicas = replicas;
        this.tailCache = tailCache;
        this.partitionLoop = partitionLoop;
    }

    static LoopResources of(
            EventLoop loop,
            IngestNodeConfig config,
            Metadata metadata,
            SocketTransport sockets,
            @Nullable TieredReads tiered,
            @Nullable Archive archive,
            RequestBudget budget,
            PartitionMetrics metrics) {
        ClusterView view = metadata.view();
        ReplicaClient replicas = new ReplicaClient(
                loop,
                ReplicaClientSettings.withDefaults(metadata.clusterId()).withLingerMicros(config.lingerMicros()),
                disk -> locate(view, disk),
                new PlainTransport(sockets, "ingest-" + config.node()),
                new Backpressure(REPLICAS * config.requestBytes() / config.eventLoops(), new Backpressure.Valve() {
                    @Override
                    public void close() {
                        budget.block();
                    }

                    @Override
                    public void open() {
                        budget.unblock();
                    }
                }));
        TailCache tailCache = new TailCache(config.tailCacheBytes() / config.eventLoops());
        return new LoopResources(
                replicas,
                tailCache,
                new PartitionLoop(
                        loop,
                        metadata.chainStore(loop),
                        replicas,
                        replicas::readFromOffset,
                        tiered,
                        archive,
                        (disk, partition, below, answer) -> replicas.delete(
                                disk, partition, below, told -> answer.accept(told instanceof Replicas.Answer.Ok)),
                        new EventLoopTimers(loop),
                        new ClusterPlacement(view, new SplittableRandom()),
                        new DiskCounts(view),
                        tailCache,
                        new RecordValidation(PooledByteBufAllocator.DEFAULT),
                        budget,
                        metrics));
    }

    private static Optional<DiskAddress> locate(ClusterView view, DiskId disk) {
        return view.image().storageDisk(disk).map(image -> new DiskAddress(image.host(), image.port()));
    }

    PartitionLoop partitionLoop() {
        return partitionLoop;
    }

    /** Read from any thread, for metrics: it may be a moment old. */
    long tailCacheBytes() {
        return tailCache.bytes();
    }

    /** What the live disks hold of a partition: bytes of the largest copy of each segment, by its number. */
    CompletableFuture<Map<Long, Long>> hotBytes(PartitionId partition, ClusterView view) {
        return CompletableFuture.supplyAsync(
                        () -> HotBytes.ask(partition, view, replicas::list), partitionLoop.eventLoop())
                .thenCompose(told -> told);
    }

    void close() {
        partitionLoop.eventLoop().submit(replicas::close).awaitUninterruptibly();
    }
}
