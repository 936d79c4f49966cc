package io.siltstone.ingest.admin;

import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicStore;
import java.util.Map;
import org.apache.kafka.common.protocol.ApiKeys;

/** The handlers of administrators' requests, put together. */
public final class Admin {

    private static final String DELETE_TOPICS = "delete.topic.enable";

    private final int node;
    private final boolean deleteTopics;
    private final TopicDefaults defaults;
    private final TopicStore store;
    private final ClusterView view;
    private final TopicCreation creation;
    private final ConfigDescriptions descriptions;

    /**
     * @param node Kafka's broker id
     * @param settings the node's configuration, told to clients but for its secrets
     * @param httpAddress URL of the node's HTTP interface
     */
    public Admin(
            int node,
            Map<String, String> settings,
            String httpAddress,
            TopicDefaults defaults,
            TopicStore store,
            ClusterView view) {
        this.node = node;
        this.deleteTopics = Boolean.parseBoolean(settings.getOrDefault(DELETE_TOPICS, "true"));
        this.defaults = defaults;
        this.store = store;
        this.view = view;
        this.creation = new TopicCreation(store, view, defaults);
        this.descriptions = new ConfigDescriptions(defaults, settings, httpAddress);
    }

    /** How topics are created here; also for who creates them without being asked to. */
    public TopicCreation topicCreation() {
        return creation;
    }

    /** Registers the handlers of all requests about topics and settings. */
    public void register(ApiHandlers handlers) {
        handlers.register(ApiKeys.CREATE_TOPICS, new CreateTopicsHandler(creation, descriptions))
                .register(ApiKeys.DELETE_TOPICS, new DeleteTopicsHandler(store, view, deleteTopics))
                .register(ApiKeys.CREATE_PARTITIONS, new CreatePartitionsHandler(store, view, creation))
                .register(ApiKeys.DESCRIBE_CONFIGS, new DescribeConfigsHandler(node, view, descriptions))
                .register(ApiKeys.INCREMENTAL_ALTER_CONFIGS, new IncrementalAlterConfigsHandler(store, view, defaults))
                .register(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, new DescribeTopicPartitionsHandler(view, defaults));
    }
}
