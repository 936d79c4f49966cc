package io.siltstone.ingest.archive;

import io.micrometer.core.instrument.MeterRegistry;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.PartitionKeys;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.PartitionReading;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicStore;
import io.siltstone.tiering.retention.GarbageCollector;
import io.siltstone.tiering.retention.PartitionReader;
import io.siltstone.tiering.retention.PartitionRetention;
import io.siltstone.tiering.retention.RetentionPolicy;
import io.siltstone.tiering.retention.Upkeep;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.upload.Commit;
import io.siltstone.tiering.upload.PartitionTiering;
import io.siltstone.tiering.upload.SegmentDrops;
import io.siltstone.tiering.upload.Tiering;
import io.siltstone.tiering.upload.TieringSettings;
import io.siltstone.tiering.upload.TopicDescriptions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** What all partitions of a node share to write to the bucket. Thread-safe. */
public final class Archive implements AutoCloseable {

    private static final int UNIQUE_BYTES = 16;

    private final ObjectStore store;
    private final BucketKeys keys;
    private final TopicStore topics;
    private final ArchiveSettings settings;
    private final Tiering tiering;
    private final TopicDescriptions descriptions;
    private final BucketProof proof;
    private final DeletedTopics deletedTopics;
    private final ClusterView.Subscription subscription;

    private Archive(
            ObjectStore store,
            Metadata metadata,
            int node,
            ArchiveSettings settings,
            Executor loop,
            Timers timers,
            MeterRegistry registry) {
        SecureRandom random = new SecureRandom();
        this.store = store;
        this.keys = new BucketKeys(metadata.clusterId());
        this.topics = metadata.store();
        this.settings = settings;
        this.tiering = Tiering.start(
                store,
                keys,
                TieringSettings.DEFAULT,
                settings.tieringThreads(),
                settings.tieringBytes(),
                registry,
                snapshot -> Map.of(),
                disk -> metadata.view()
                        .image()
                        .storageDisk(disk)
                        .filter(StorageDiskImage::live)
                        .isPresent());
        this.descriptions = new TopicDescriptions(
                store,
                keys,
                topic -> metadata.view().image().topic(topic),
                loop,
                timers,
                TieringSettings.DEFAULT,
                random);
        this.proof = new BucketProof(store, () -> keys.proof(unique(random)), loop, timers);
        this.deletedTopics = new DeletedTopics(
                store, keys, metadata, broker -> broker == node, descriptions, settings.collection(), loop, timers);
        this.subscription = metadata.view().subscribe(change -> change.topics().forEach(descriptions::changed));
    }

    /**
     * Begins to prove the bucket and to look for deleted topics.
     *
     * @param store stays open at the end
     * @param node broker id of this one
     * @param loop where what concerns the whole node happens
     * @param timers of that loop
     */
    public static Archive open(
            ObjectStore store,
            Metadata metadata,
            int node,
            ArchiveSettings settings,
            Executor loop,
            Timers timers,
            MeterRegistry registry) {
        Archive archive = new Archive(store, metadata, node, settings, loop, timers, registry);
        archive.proof.start();
        archive.deletedTopics.start();
        return archive;
    }

    /**
     * Waits a moment for the bucket's proof; an unreachable bucket is asked again in the background.
     *
     * @throws IllegalStateException where the bucket takes a second put under the same key, and must not be used
     */
    public void awaitProof(long patienceMs) {
        proof.awaitFirstAnswer(patienceMs);
    }

    /** Why the bucket cannot be used at all; empty while nothing speaks against it. */
    public Optional<String> problem() {
        return proof.problem();
    }

    /**
     * The bucket's share of a partition that this node owns now.
     *
     * @param epoch of this ownership
     * @param replicas of the partition's event loop
     * @param loop the partition's event loop
     * @param state the partition as its owner knows it now
     * @param policy of the topic now
     */
    public PartitionArchive partition(
            PartitionId partition,
            String topicName,
            int epoch,
            Replicas replicas,
            Timers timers,
            Executor loop,
            Commit commit,
            SegmentDrops drops,
            Supplier<PartitionState> state,
            Supplier<RetentionPolicy> policy) {
        PartitionTiering tiers = tiering.partition(partition, topicName, epoch, replicas, timers, loop, commit, drops);
        PartitionKeys partitionKeys = keys.partition(partition.topic(), partition.partition());
        Upkeep upkeep = new Upkeep(
                new PartitionRetention(partitionKeys, epoch, store, commit, loop),
                new GarbageCollector(
                        partitionKeys,
                        epoch,
                        store,
                        reader(partition),
                        tiers::keysInUse,
                        settings.collection(),
                        timers::nowMs,
                        loop),
                state,
                policy,
                timers,
                loop,
                settings.retentionCheckMs(),
                settings.collectMs());
        PartitionArchive archive = new PartitionArchive(tiers, upkeep, state);
        archive.startAfter(proof.proven().thenCompose(proven -> descriptions.describe(partition.topic())), loop);
        return archive;
    }

    private PartitionReader reader(PartitionId partition) {
        return () -> topics.readPartition(partition).thenApply(reading -> {
            if (reading instanceof PartitionReading.Found found) {
                return Optional.of(found.state());
            }
            if (reading instanceof PartitionReading.Deleted) {
                return Optional.empty();
            }
            throw new IllegalStateException("partition " + partition + " has neither a znode nor a deletion mark");
        });
    }

    /** Bytes that the bucket has taken from this node, ever. */
    public double tieredBytes() {
        return tiering.uploadedBytes();
    }

    private static String unique(SecureRandom random) {
        byte[] bytes = new byte[UNIQUE_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /** Stops what it does by itself; partitions are closed by their owners. */
    @Override
    public void close() {
        subscription.close();
        deletedTopics.close();
        proof.close();
        tiering.close();
    }
}
