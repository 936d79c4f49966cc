package io.siltstone.ingest.kafka;

import com.yammer.metrics.core.MetricsRegistry;
import io.siltstone.ingest.group.GroupTopic;
import io.siltstone.ingest.group.OffsetsLog;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.coordinator.group.GroupConfigManager;
import org.apache.kafka.coordinator.group.GroupCoordinator;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.apache.kafka.coordinator.group.GroupCoordinatorService;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorMetrics;
import org.apache.kafka.coordinator.group.metrics.GroupCoordinatorRuntimeMetrics;
import org.apache.kafka.coordinator.group.modern.share.ShareGroupConfig;
import org.apache.kafka.server.share.persister.NoOpStatePersister;
import org.apache.kafka.server.util.timer.SystemTimer;
import org.apache.kafka.server.util.timer.SystemTimerReaper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kafka's group coordinator with this node's offsets partitions under it. It starts to coordinate once the offsets topic
 * is known, whose partition count maps groups to partitions from then on.
 *
 * <p>Thread-safe: tenures and topics are told from any thread and handed to the coordinator by one thread of its own, in
 * the order told, because the coordinator waits for writes where a topic is deleted. Owns its threads.
 */
public final class KafkaGroupCoordinator implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaGroupCoordinator.class);
    private static final long CLOSE_SECONDS = 5;

    private final OffsetsTenures tenures = new OffsetsTenures();
    private final CoordinatorImage image = new CoordinatorImage();
    private final ExecutorService changes = Executors.newSingleThreadExecutor(threads("group-coordinator-changes"));
    private final ScheduledExecutorService loads =
            Executors.newSingleThreadScheduledExecutor(threads("group-coordinator-load"));
    private final MetricsRegistry metricsRegistry = new MetricsRegistry();
    private final Metrics metrics = new Metrics();
    private final GroupCoordinatorService service;
    /** Tenures that opened before the offsets topic was known; touched by the thread of changes alone. */
    private final List<OffsetsLog> waiting = new ArrayList<>();

    private boolean started;

    /**
     * @param node Kafka's broker id
     * @param settings the node's configuration; of it those that Kafka's group coordinator knows are taken
     */
    public KafkaGroupCoordinator(int node, Map<String, ?> settings, Time time) {
        GroupCoordinatorConfig config =
                new GroupCoordinatorConfig(new AbstractConfig(GroupCoordinatorConfig.CONFIG_DEF, settings, false));
        ShareGroupConfig shareConfig = ShareGroupConfig.fromProps(Map.of());
        OffsetsLoader loader = new OffsetsLoader(tenures, loads, config.offsetsLoadBufferSize(), time);
        this.service = new GroupCoordinatorService.Builder(node, config)
                .withWriter(new OffsetsWriter(tenures))
                .withLoader(loader)
                .withTime(time)
                .withTimer(new SystemTimerReaper("group-coordinator-reaper", new SystemTimer("group-coordinator")))
                .withCoordinatorRuntimeMetrics(new GroupCoordinatorRuntimeMetrics(metrics))
                .withGroupCoordinatorMetrics(new GroupCoordinatorMetrics(metricsRegistry, metrics))
                .withGroupConfigManager(
                        new GroupConfigManager(config.extractGroupConfigMap(shareConfig), config, shareConfig))
                .withPersister(new NoOpStatePersister())
                .withAuthorizerPlugin(Optional.empty())
                .withPartitionMetadataClient(new NoEndOffsets())
                .build();
    }

    public GroupCoordinator service() {
        return service;
    }

    /** The topics of the cluster as they are now. */
    public void topicsChanged(Collection<GroupTopic> topics) {
        List<GroupTopic> copy = List.copyOf(topics);
        change(() -> apply(copy));
    }

    /** This node opened an offsets partition: its groups are loaded and then served. */
    public void opened(OffsetsLog log) {
        change(() -> {
            tenures.open(log);
            if (started) {
                service.onElection(log.partition(), log.epoch());
            } else {
                waiting.add(log);
            }
        });
    }

    /** A tenure ended: its groups are served no more, and what waits for durability is answered "not coordinator". */
    public void resigned(OffsetsLog log) {
        change(() -> {
            tenures.close(log);
            waiting.remove(log);
            if (started) {
                service.onResignation(log.partition(), OptionalInt.of(log.epoch() + 1));
            }
        });
    }

    /** The tenure that this node's state of the group was loaded from; none where it does not coordinate the group. */
    public Optional<OffsetsLog> tenureOf(String groupId) {
        return coordinating(groupId).flatMap(tenures::loaded);
    }

    private Optional<Integer> coordinating(String groupId) {
        try {
            return Optional.of(service.partitionFor(groupId));
        } catch (RuntimeException notStarted) {
            return Optional.empty();
        }
    }

    private void apply(List<GroupTopic> topics) {
        if (!started) {
            topics.stream()
                    .filter(topic -> topic.name().equals(Topic.GROUP_METADATA_TOPIC_NAME))
                    .findFirst()
                    .ifPresent(this::start);
        }
        if (started) {
            image.update(topics).ifPresent(update -> service.onMetadataUpdate(update.delta(), update.image()));
        }
    }

    private void stop() {
        if (!started) {
            service.startup(() -> 1); // only what was started can be shut down, with its threads
        }
        service.shutdown();
    }

    private void start(GroupTopic offsetsTopic) {
        service.startup(offsetsTopic::partitions);
        started = true;
        waiting.forEach(log -> service.onElection(log.partition(), log.epoch()));
        waiting.clear();
    }

    private void change(Runnable change) {
        changes.execute(() -> {
            try {
                change.run();
            } catch (RuntimeException e) {
                LOG.error("The group coordinator refused a change of topics or ownership", e);
            }
        });
    }

    @Override
    public void close() {
        change(this::stop);
        changes.shutdown();
        try {
            if (!changes.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("The group coordinator did not stop within {} s", CLOSE_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loads.shutdownNow();
        metricsRegistry.shutdown();
        metrics.close();
    }

    private static ThreadFactory threads(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
