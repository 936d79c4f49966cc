package io.siltstone.format;

import java.util.UUID;

/**
 * How the objects of one cluster are named in its bucket. Everything lies under the cluster's id, then the topic's.
 *
 * <pre>
 * CLUSTER/TOPIC/topic/VERSION                              what the topic is called, its configs, its deletion
 * CLUSTER/TOPIC/PARTITION/roots/EPOCH-SEQUENCE             manifest roots; the greatest key is the newest
 * CLUSTER/TOPIC/PARTITION/nodes/EPOCH-SEQUENCE-UNIQUE-N    manifest nodes
 * CLUSTER/TOPIC/PARTITION/segments/OFFSET-EPOCH-UNIQUE     segment objects
 * CLUSTER/proof/UNIQUE                                     for a moment, when a node starts
 * </pre>
 *
 * Numbers are decimal and padded with zeros (epochs to 10 digits, the rest to 19), so that keys sort as numbers do.
 */
public record BucketKeys(String cluster) {

    public BucketKeys {
        if (cluster.isEmpty() || cluster.indexOf('/') >= 0) {
            throw new IllegalArgumentException("cluster id '" + cluster + "' cannot start a key");
        }
    }

    /** Folder of everything that this cluster wrote. */
    public String clusterFolder() {
        return cluster + "/";
    }

    public String topicFolder(UUID topic) {
        return clusterFolder() + topic + "/";
    }

    /** Folder of a topic's descriptions; the greatest key is the newest. */
    public String topicDescriptions(UUID topic) {
        return topicFolder(topic) + "topic/";
    }

    public String topicDescription(UUID topic, long version) {
        return topicDescriptions(topic) + padded(version);
    }

    /**
     * Key of the object with which a node proves that the store refuses a second put.
     *
     * @param unique differs between any two proofs
     */
    public String proof(String unique) {
        return clusterFolder() + "proof/" + unique;
    }

    public PartitionKeys partition(UUID topic, int partition) {
        return new PartitionKeys(this, topic, partition);
    }

    static String padded(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("a key cannot hold the negative number " + number);
        }
        return String.format("%019d", number);
    }
}
