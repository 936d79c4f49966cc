package io.siltstone.client;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.HistorySource;
import io.siltstone.client.source.ObjectReader;
import io.siltstone.client.source.PartitionManifest;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.TopicObject;
import java.nio.ByteBuffer;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Checks a topic's descriptions in the bucket: none is missing up to the newest, and each is what was written. */
final class DescriptionCheck {

    private static final long FIRST_VERSION = 1;

    private final ObjectReader objects;
    private final BucketKeys cluster;
    private final UUID topic;
    private final int stored;

    private DescriptionCheck(ObjectReader objects, BucketKeys cluster, UUID topic, int stored) {
        this.objects = objects;
        this.cluster = cluster;
        this.topic = topic;
        this.stored = stored;
    }

    /**
     * Checks up to so many versions, the newest first, of a topic with history in the bucket. The newest was there before
     * anything of the partition, so it must tell of it.
     *
     * @param partition of the topic
     * @param manifest that partition's, which was read before this is called
     * @return fails with {@link CorruptObjectException} at the first fault
     */
    static CompletableFuture<@Nullable Void> check(
            HistorySource source, TopicPartition partition, PartitionManifest manifest, long most) {
        PartitionKeys keys = manifest.keys();
        DescriptionCheck check =
                new DescriptionCheck(source.objects(partition), keys.bucket(), keys.topic(), keys.partition());
        return source.newestDescription(partition.topic())
                .thenCompose(newest -> check.walk(newest.orElseThrow(check::missing), most));
    }

    /** There is history of the topic and no description: damage. */
    private CorruptObjectException missing() {
        return missing(cluster.topicDescription(topic, FIRST_VERSION));
    }

    private CompletableFuture<@Nullable Void> walk(String newest, long most) {
        String folder = cluster.topicDescriptions(topic);
        try {
            return version(Long.parseLong(newest.substring(folder.length())), most, stored + 1);
        } catch (NumberFormatException e) {
            throw new CorruptObjectException(newest, NO_BLOCK, NO_OFFSET, "it is no description of a topic");
        }
    }

    private CompletableFuture<@Nullable Void> version(long version, long most, int leastPartitions) {
        if (version < FIRST_VERSION || most == 0) {
            return CompletableFuture.completedFuture(null);
        }
        String key = cluster.topicDescription(topic, version);
        return objects.readAll(key)
                .handle((bytes, failure) -> failure == null ? bytes : absent(key, failure))
                .thenCompose(bytes -> {
                    TopicObject found = TopicObject.decode(key, bytes);
                    if (!found.topic().equals(topic) || found.version() != version) {
                        throw new CorruptObjectException(
                                key,
                                NO_BLOCK,
                                NO_OFFSET,
                                "it describes topic " + found.topic() + ", version " + found.version());
                    }
                    if (found.partitions() < leastPartitions) {
                        throw missing(cluster.topicDescription(topic, version + 1));
                    }
                    return version(version - 1, most - 1, 0);
                });
    }

    private static ByteBuffer absent(String key, Throwable failure) {
        throw HistoryException.is(failure, Kind.MISSING) ? missing(key) : HistoryException.asRuntime(failure);
    }

    private static CorruptObjectException missing(String key) {
        return new CorruptObjectException(key, NO_BLOCK, NO_OFFSET, "the description of the topic is missing");
    }
}
