package io.siltstone.ingest;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.siltstone.format.BucketKeys;
import io.siltstone.ingest.admin.Admin;
import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.api.ApiVersionsHandler;
import io.siltstone.ingest.api.DeleteRecordsHandler;
import io.siltstone.ingest.api.DescribeClusterHandler;
import io.siltstone.ingest.api.FetchHandler;
import io.siltstone.ingest.api.InitProducerIdHandler;
import io.siltstone.ingest.api.ListOffsetsHandler;
import io.siltstone.ingest.api.MetadataHandler;
import io.siltstone.ingest.api.OffsetForLeaderEpochHandler;
import io.siltstone.ingest.api.ProduceHandler;
import io.siltstone.ingest.api.ProducerIds;
import io.siltstone.ingest.archive.Archive;
import io.siltstone.ingest.connection.KafkaServer;
import io.siltstone.ingest.connection.ReadBudget;
import io.siltstone.ingest.connection.RequestMemory;
import io.siltstone.ingest.connection.RequestMetrics;
import io.siltstone.ingest.group.Groups;
import io.siltstone.ingest.http.NodeHttpServer;
import io.siltstone.ingest.partition.EventLoopTimers;
import io.siltstone.ingest.partition.HistoryReads;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.PartitionMetrics;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.ingest.partition.ShortSegments;
import io.siltstone.ingest.partition.TieredReads;
import io.siltstone.ingest.quota.ProduceQuota;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.log.PartitionId;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.zookeeper.ZooKeeperMetadata;
import io.siltstone.metadata.zookeeper.ZooKeeperSettings;
import io.siltstone.tiering.history.HistoryReader;
import io.siltstone.tiering.history.HistorySettings;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStores;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One ingest node, put together: event loops, partitions, handlers, the Kafka listener, and its place in the cluster.
 * Keeps nothing on disk. Started and stopped by one thread.
 */
public final class IngestNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(IngestNode.class);
    private static final long PROOF_PATIENCE_MS = 2_000;
    private static final long REGISTER_PATIENCE_MS = 20_000;
    private static final long WARM_UP_DELAY_MS = 1_000;

    private final IngestNodeConfig config;
    private final Metadata metadata;
    private final @Nullable ObjectStore bucket;
    private final @Nullable HistoryReader history;
    private final @Nullable Archive archive;
    private final EventLoopGroup loops;
    private final List<LoopResources> loopResources = new ArrayList<>();
    private final Partitions partitions;
    private final Groups groups;
    private final RequestMemory memory;
    private final ProduceQuota quota;
    private final KafkaServer server;
    private final Incarnation incarnation;
    private final NodeHttpServer http;
    private final ReadWarmUp warmUp;

    private IngestNode(IngestNodeConfig config, Metadata metadata, PrometheusMeterRegistry registry) {
        this.config = config;
        this.metadata = metadata;
        this.bucket =
                config.bucket().isEmpty() ? null : ObjectStores.open(URI.create(config.bucket()), config.values());
        this.history = bucket == null
                ? null
                : new HistoryReader(bucket, new BucketKeys(metadata.clusterId()), HistorySettings.suitedTo(bucket));
        this.memory = new RequestMemory(config.requestBytes());
        TopicDefaults defaults = config.topicDefaults();
        int httpPort = HttpInterface.port(config);
        String httpAddress = HttpInterface.address(config, httpPort);
        SocketTransport sockets = SocketTransport.best();
        this.loops = new MultiThreadIoEventLoopGroup(
                config.eventLoops(), new DefaultThreadFactory("ingest-loop"), sockets.ioHandlers());
        EventLoop control = loops.next();
        this.archive = bucket == null
                ? null
                : Archive.open(
                        bucket,
                        metadata,
                        config.node(),
                        config.archive(),
                        control,
                        new EventLoopTimers(control),
                        registry);
        PartitionMetrics partitionMetrics = new PartitionMetrics(registry);
        TieredReads tiered = history == null ? null : new HistoryReads(history);
        loops.forEach(loop -> loopResources.add(LoopResources.of(
                (EventLoop) loop, config, metadata, sockets, tiered, archive, memory.produce(), partitionMetrics)));
        registry.gauge(
                "siltstone.ingest.tail.cache.bytes",
                loopResources,
                all -> all.stream().mapToLong(LoopResources::tailCacheBytes).sum());
        this.groups = new Groups(config.node(), config.values(), defaults, metadata.store(), metadata.view());
        this.partitions = new Partitions(
                loopResources.stream().map(LoopResources::partitionLoop).toList(),
                defaults,
                metadata.view(),
                groups.tenures(),
                config.producerExpirationMs());
        registry.gauge(
                "siltstone.ingest.segments.short",
                partitions,
                owned -> ShortSegments.count(
                        metadata.view().image(),
                        owned.all().stream().map(Partition::id).toList()));
        this.quota = ProduceQuota.start(
                metadata.view(),
                () -> defaults.settings().quorum().ack(),
                archive == null ? () -> 0 : archive::tieredBytes,
                new EventLoopTimers(control),
                registry);
        this.server = KafkaServer.listen(
                config.host().isEmpty()
                        ? new InetSocketAddress(config.port())
                        : new InetSocketAddress(config.host(), config.port()),
                sockets,
                loops,
                handlers(defaults, httpAddress),
                memory,
                new RequestMetrics(registry, memory),
                config.maxRequestBytes(),
                config.maxInFlightRequests(),
                config.sendBufferBytes());
        this.incarnation = new Incarnation(
                config,
                metadata.store(),
                metadata.view(),
                metadata::runForController,
                partitions,
                server.port(),
                httpAddress);
        this.http = HttpInterface.start(
                config, httpPort, metadata, registry, bucket, history, partitions, this::hotBytes, this::notReady);
        this.warmUp = new ReadWarmUp(
                server.localAddress(),
                () -> ReadWarmUp.readable(metadata.view().image(), partitions.all()),
                partitionMetrics::bucketReads,
                control,
                WARM_UP_DELAY_MS);
    }

    /**
     * Starts a node and joins the cluster that ZooKeeper holds.
     *
     * @throws io.siltstone.metadata.MetadataException where ZooKeeper cannot be reached or is of another cluster
     * @throws IllegalStateException where the bucket takes a second put under the same key
     */
    public static IngestNode start(IngestNodeConfig config, PrometheusMeterRegistry registry) {
        ZooKeeperSettings settings = new ZooKeeperSettings(
                config.zooKeeper(),
                config.zooKeeperRoot(),
                ZooKeeperSettings.DEFAULT_SESSION_TIMEOUT_MS,
                ZooKeeperSettings.DEFAULT_CONNECT_TIMEOUT_MS);
        return start(config, ZooKeeperMetadata.connect(settings, Optional.empty()), registry);
    }

    /** Starts a node over metadata that it closes at its end. */
    public static IngestNode start(IngestNodeConfig config, Metadata metadata, PrometheusMeterRegistry registry) {
        IngestNode node = new IngestNode(config, metadata, registry);
        try {
            if (node.archive != null) {
                node.archive.awaitProof(PROOF_PATIENCE_MS);
            }
            node.groups.prepare();
            node.incarnation.begin(REGISTER_PATIENCE_MS);
            if (node.history != null) {
                node.warmUp.start();
            }
        } catch (RuntimeException failed) {
            node.close();
            throw failed;
        }
        LOG.info(
                "Ingest node {} of cluster {} serves Kafka at {}:{}",
                config.node(),
                metadata.clusterId(),
                config.advertisedHost(),
                node.port());
        return node;
    }

    private ApiHandlers handlers(TopicDefaults defaults, String httpAddress) {
        ApiHandlers handlers = new ApiHandlers();
        Admin admin =
                new Admin(config.node(), config.values(), httpAddress, defaults, metadata.store(), metadata.view());
        admin.register(handlers);
        groups.register(handlers);
        return handlers.register(ApiKeys.API_VERSIONS, new ApiVersionsHandler(handlers))
                .register(
                        ApiKeys.METADATA,
                        new MetadataHandler(
                                metadata.view(),
                                admin.topicCreation()::createWithDefaults,
                                defaults,
                                config.autoCreateTopics()))
                .register(ApiKeys.DESCRIBE_CLUSTER, new DescribeClusterHandler(metadata.view()))
                .register(ApiKeys.PRODUCE, new ProduceHandler(partitions, metadata.view(), quota))
                .register(
                        ApiKeys.FETCH,
                        new FetchHandler(partitions, metadata.view(), new ReadBudget(config.backlogBytes())))
                .register(ApiKeys.LIST_OFFSETS, new ListOffsetsHandler(partitions, metadata.view()))
                .register(ApiKeys.OFFSET_FOR_LEADER_EPOCH, new OffsetForLeaderEpochHandler(partitions, metadata.view()))
                .register(ApiKeys.DELETE_RECORDS, new DeleteRecordsHandler(partitions, metadata.view()))
                .register(ApiKeys.INIT_PRODUCER_ID, new InitProducerIdHandler(new ProducerIds(metadata.store())));
    }

    private Optional<String> notReady() {
        return incarnation.problem().or(() -> archive == null ? Optional.empty() : archive.problem());
    }

    private CompletableFuture<Map<Long, Long>> hotBytes(PartitionId partition) {
        return loopResources.get(0).hotBytes(partition, metadata.view());
    }

    /** Where the node's HTTP interface answers. */
    public int httpPort() {
        return http.port();
    }

    /** Port of the Kafka protocol. */
    public int port() {
        return server.port();
    }

    public Metadata metadata() {
        return metadata;
    }

    public Partitions partitions() {
        return partitions;
    }

    /** The bucket's history; empty where the node has no bucket. */
    public Optional<HistoryReader> history() {
        return Optional.ofNullable(history);
    }

    /**
     * Hands every partition over, answers what is under way and stops.
     *
     * @param patienceMs how long the hand-over may take; what is left after it is dropped, as in a crash
     */
    public void stop(long patienceMs) {
        warmUp.close();
        incarnation.drain(patienceMs);
        // Peers take a closed port of a registered node for a crash.
        incarnation.end();
        server.close();
        quota.close();
        groups.close();
        partitions.close();
        loopResources.forEach(LoopResources::close);
        if (archive != null) {
            archive.close();
        }
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
        if (history != null) {
            history.close();
        }
        metadata.close();
        if (bucket != null) {
            bucket.close();
        }
        LOG.info("Ingest node {} has stopped", config.node());
    }

    @Override
    public void close() {
        stop(10_000);
    }
}
