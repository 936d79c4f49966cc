package io.siltstone.ingest.group;

import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.metadata.TopicStore;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.internals.Topic;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The topic in which groups keep their state, created with the cluster's first ingest node, as soon as there are disks
 * enough to open it: so no group's first member waits for it. Its partition count maps groups to coordinators, so it
 * never changes. Thread-safe.
 */
public final class OffsetsTopic {

    public static final String NAME = Topic.GROUP_METADATA_TOPIC_NAME;
    /** Configuration of the node: how many partitions the topic is created with. */
    public static final String PARTITIONS = "offsets.topic.num.partitions";
    /** Configuration of the node: the topic's replication factor; that of other topics where it is not set. */
    public static final String REPLICATION_FACTOR = "offsets.topic.replication.factor";

    private static final Logger LOG = LoggerFactory.getLogger(OffsetsTopic.class);
    private static final int DEFAULT_PARTITIONS = 16;

    private final TopicStore store;
    private final ClusterView view;
    private final int partitions;
    private final Map<String, String> configs;
    private final int neededDisks;
    private final AtomicBoolean creating = new AtomicBoolean();
    private final AtomicBoolean toldOfMissingDisks = new AtomicBoolean();

    OffsetsTopic(TopicStore store, ClusterView view, TopicDefaults defaults, Map<String, String> node) {
        this.store = store;
        this.view = view;
        this.partitions = Integer.parseInt(node.getOrDefault(PARTITIONS, String.valueOf(DEFAULT_PARTITIONS)));
        this.configs = Map.of(
                TopicConfig.CLEANUP_POLICY_CONFIG,
                TopicConfig.CLEANUP_POLICY_COMPACT,
                TopicConfig.COMPRESSION_TYPE_CONFIG,
                "producer",
                TopicSettings.REPLICATION_FACTOR,
                node.getOrDefault(REPLICATION_FACTOR, String.valueOf(defaults.replicationFactor())));
        this.neededDisks = defaults.settings(configs).quorum().ack();
    }

    /** The topic as this node knows it; none before it was created. */
    Optional<TopicImage> image() {
        return view.image().topic(NAME);
    }

    /**
     * Begins to create the topic, where there are disks enough to open it; that another node is faster is no failure.
     */
    void create() {
        long disks = view.image().storageDisks().values().stream()
                .filter(StorageDiskImage::live)
                .count();
        if (disks < neededDisks) {
            if (!toldOfMissingDisks.getAndSet(true)) {
                LOG.warn("{} needs {} live storage disks, there are {}: no groups so far", NAME, neededDisks, disks);
            }
            return;
        }
        if (!creating.compareAndSet(false, true)) {
            return;
        }
        store.createTopic(NAME, partitions, configs).whenComplete((topic, failure) -> {
            creating.set(false);
            if (failure == null) {
                LOG.info("Created {} with {} partitions", NAME, partitions);
            } else {
                LOG.info("{} was not created here: {}", NAME, failure.toString());
            }
        });
    }
}
