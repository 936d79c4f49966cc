package io.siltstone.ingest.topic;

import io.siltstone.log.chain.Quorum;
import io.siltstone.tiering.retention.RetentionPolicy;
import org.apache.kafka.storage.internals.log.LogConfig;

/**
 * The settings in force of one topic.
 *
 * @param replicationFactor disks that hold a copy, the write quorum
 * @param log everything else, by Kafka's definitions; {@code retention.ms} and {@code retention.bytes} of -1 are for ever
 */
public record TopicSettings(int replicationFactor, LogConfig log) {

    /**
     * Under this name a topic's znode keeps its replication factor beside its Kafka settings. No client sees or alters it.
     */
    public static final String REPLICATION_FACTOR = "siltstone.replication.factor";

    public TopicSettings {
        if (replicationFactor < 1) {
            throw new IllegalArgumentException("replication factor " + replicationFactor);
        }
    }

    /** How long records are kept: for ever where the topic is compacted only. */
    public RetentionPolicy retention() {
        return log.delete ? new RetentionPolicy(log.retentionMs, log.retentionSize) : RetentionPolicy.FOR_EVER;
    }

    /** The ack quorum is {@code min.insync.replicas}, moved to at least a majority and at most the write quorum. */
    public Quorum quorum() {
        return Quorum.of(replicationFactor, log.minInSyncReplicas);
    }
}
