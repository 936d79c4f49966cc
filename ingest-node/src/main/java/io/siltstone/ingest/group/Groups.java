package io.siltstone.ingest.group;

import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.kafka.KafkaGroupCoordinator;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.log.writer.Resignation;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.utils.Time;

/**
 * The consumer groups that this node coordinates: their coordinator, told of topics by the cluster view and of tenures by
 * the owner of partitions, and the handlers of their requests. Thread-safe; its lock guards whether the offsets topic may
 * be created.
 */
public final class Groups implements AutoCloseable {

    private final KafkaGroupCoordinator coordinator;
    private final ClusterView view;
    private final OffsetsTopic offsetsTopic;
    private final ClusterView.Subscription subscription;
    private boolean imageIsComplete;
    private boolean mayCreate;

    /**
     * @param node Kafka's broker id
     * @param settings the node's configuration, by Kafka's broker names
     */
    public Groups(int node, Map<String, String> settings, TopicDefaults defaults, TopicStore store, ClusterView view) {
        this.view = view;
        this.coordinator = new KafkaGroupCoordinator(node, settings, Time.SYSTEM);
        this.offsetsTopic = new OffsetsTopic(store, view, defaults, settings);
        this.subscription = view.subscribe(change -> {
            if (!change.topics().isEmpty()) {
                coordinator.topicsChanged(Topics.of(change.after()));
            }
            if (change.storageDisks()) {
                disksChanged();
            }
        });
    }

    /**
     * Begins to create the topic of the groups' state where the cluster has none: now, or when there are disks enough to
     * open it.
     */
    public synchronized void prepare() {
        mayCreate = true;
        createOffsetsTopic();
    }

    /** The first change tells of all there is. */
    private synchronized void disksChanged() {
        imageIsComplete = true;
        createOffsetsTopic();
    }

    private void createOffsetsTopic() {
        if (mayCreate && imageIsComplete && offsetsTopic.image().isEmpty()) {
            offsetsTopic.create();
        }
    }

    /** Registers the handlers of all requests about groups. */
    public void register(ApiHandlers handlers) {
        Topics topics = new Topics(view);
        handlers.register(ApiKeys.FIND_COORDINATOR, new FindCoordinatorHandler(view, offsetsTopic))
                .register(ApiKeys.OFFSET_COMMIT, new OffsetCommitHandler(coordinator.service(), topics))
                .register(ApiKeys.OFFSET_FETCH, new OffsetFetchHandler(coordinator, topics))
                .register(ApiKeys.OFFSET_DELETE, new OffsetDeleteHandler(coordinator.service(), topics));
        new MembershipHandlers(coordinator.service()).register(handlers);
        new GroupAdminHandlers(coordinator.service(), offsetsTopic).register(handlers);
    }

    /** Follows which offsets partitions this node serves. */
    public Partitions.Tenures tenures() {
        return new OffsetsPartitions();
    }

    /** This node may serve an offsets partition from now on. */
    void opened(OffsetsLog tenure) {
        coordinator.opened(tenure);
    }

    /** The tenure told as opened is over. */
    void resigned(OffsetsLog tenure) {
        coordinator.resigned(tenure);
    }

    @Override
    public void close() {
        subscription.close();
        coordinator.close();
    }

    /** Hears of all partitions, and passes on those of the offsets topic. */
    private final class OffsetsPartitions implements Partitions.Tenures {

        private final Map<Partition, OffsetsLog> open = new ConcurrentHashMap<>();

        @Override
        public void opened(Partition partition) {
            if (partition.name().topic().equals(OffsetsTopic.NAME)) {
                OffsetsLog tenure = new PartitionOffsetsLog(partition);
                open.put(partition, tenure);
                Groups.this.opened(tenure);
            }
        }

        @Override
        public void over(Partition partition, Resignation why) {
            OffsetsLog tenure = open.remove(partition);
            if (tenure != null) {
                resigned(tenure);
            }
        }
    }
}
