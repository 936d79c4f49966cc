package io.siltstone.tiering.upload;

import io.micrometer.core.instrument.MeterRegistry;
import io.siltstone.format.BucketKeys;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Timers;
import io.siltstone.tiering.store.ObjectStore;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** What all partitions of a node share for tiering: bucket, workers, settings, metrics. Thread-safe. */
public final class Tiering implements AutoCloseable {

    private static final int UNIQUE_BYTES = 8;

    private final ObjectStore store;
    private final BucketKeys keys;
    private final TieringWorkers workers;
    private final TieringSettings settings;
    private final TieringMetrics metrics;
    private final OpenTransactions transactions;
    private final Predicate<DiskId> live;
    private final Random random;
    private final Supplier<String> unique;

    /** With every source of chance given, as the simulation wants it. */
    public Tiering(
            ObjectStore store,
            BucketKeys keys,
            TieringWorkers workers,
            TieringSettings settings,
            TieringMetrics metrics,
            OpenTransactions transactions,
            Predicate<DiskId> live,
            Random random,
            Supplier<String> unique) {
        this.store = store;
        this.keys = keys;
        this.workers = workers;
        this.settings = settings;
        this.metrics = metrics;
        this.transactions = transactions;
        this.live = live;
        this.random = random;
        this.unique = unique;
    }

    /**
     * Starts the workers of a node.
     *
     * @param threads how many objects may be made at once; default 2
     * @param memoryBytes bound on what uploads hold in memory, for all partitions
     * @param live whether a disk is there now: what lacks copies is uploaded first; any thread
     * @throws IllegalArgumentException where not even one upload fits in the memory
     */
    public static Tiering start(
            ObjectStore store,
            BucketKeys keys,
            TieringSettings settings,
            int threads,
            long memoryBytes,
            MeterRegistry registry,
            OpenTransactions transactions,
            Predicate<DiskId> live) {
        long readAhead = 2L * settings.readBytes();
        SecureRandom random = new SecureRandom();
        return new Tiering(
                store,
                keys,
                TieringWorkers.start(threads, memoryBytes, store.uploadMemoryBytes() + readAhead),
                settings,
                new TieringMetrics(registry),
                transactions,
                live,
                random,
                () -> {
                    byte[] bytes = new byte[UNIQUE_BYTES];
                    random.nextBytes(bytes);
                    return HexFormat.of().formatHex(bytes);
                });
    }

    /**
     * The tiering of a partition that this node owns now.
     *
     * @param epoch of this ownership
     * @param replicas of the partition's event loop
     * @param loop the partition's event loop
     */
    public PartitionTiering partition(
            PartitionId partition,
            String topicName,
            int epoch,
            Replicas replicas,
            Timers timers,
            Executor loop,
            Commit commit,
            SegmentDrops drops) {
        return new PartitionTiering(new TierContext(
                partition,
                keys.partition(partition.topic(), partition.partition()),
                topicName,
                epoch,
                replicas,
                live,
                timers,
                loop,
                store,
                workers,
                commit,
                drops,
                transactions,
                settings,
                metrics,
                random,
                unique));
    }

    /** Bytes of all segment objects that were committed. */
    public double uploadedBytes() {
        return metrics.uploadedBytes();
    }

    /** Stops the workers. The store stays open. */
    @Override
    public void close() {
        workers.close();
    }
}
