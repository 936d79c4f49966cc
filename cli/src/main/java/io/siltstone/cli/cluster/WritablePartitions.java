package io.siltstone.cli.cluster;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells whether every partition of a cluster can be written, by asking each one's latest offset: an owner answers that
 * only once its log is open and an acknowledgement quorum has just confirmed that it still owns it.
 */
public final class WritablePartitions implements AutoCloseable {
    private final Admin admin;
    private final int ingestNodes;
    private String missing = "nothing has been asked yet";

    /** Asks the cluster at {@code bootstrap}, of which {@code ingestNodes} nodes must be there. */
    public WritablePartitions(String bootstrap, int ingestNodes) {
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 5_000);
        properties.put(AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 200);
        properties.put(AdminClientConfig.RETRY_BACKOFF_MS_CONFIG, 50);
        this.admin = Admin.create(properties);
        this.ingestNodes = ingestNodes;
    }

    /** Whether all are writable now; if not, {@link #missing()} tells what is in the way. */
    public boolean all() throws InterruptedException {
        try {
            int nodes = admin.describeCluster().nodes().get().size();
            if (nodes < ingestNodes) {
                missing = "only " + nodes + " of " + ingestNodes + " ingest nodes have joined";
                return false;
            }
            Map<TopicPartition, OffsetSpec> questions = new HashMap<>();
            var names = admin.listTopics(new ListTopicsOptions().listInternal(true))
                    .names()
                    .get();
            for (TopicDescription topic :
                    admin.describeTopics(names).allTopicNames().get().values()) {
                topic.partitions()
                        .forEach(partition -> questions.put(
                                new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest()));
            }
            admin.listOffsets(questions).all().get();
            return true;
        } catch (ExecutionException e) {
            missing = String.valueOf(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
            return false;
        }
    }

    /** Why the last answer was no. */
    public String missing() {
        return missing;
    }

    @Override
    public void close() {
        admin.close(Duration.ofSeconds(1));
    }
}
