package io.siltstone.client.source;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.TopicObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The topics that a bucket describes, read once. Thread-safe. */
final class TopicCatalog {

    private final Bucket bucket;
    private @Nullable CompletableFuture<List<StoredTopic>> topics;

    TopicCatalog(Bucket bucket) {
        this.bucket = bucket;
    }

    /** A topic's newest description, and the cluster that wrote it. */
    record StoredTopic(BucketKeys cluster, TopicObject topic) {
        PartitionKeys keys(int partition) {
            return cluster.partition(topic.topic(), partition);
        }
    }

    synchronized CompletableFuture<List<StoredTopic>> topics() {
        if (topics == null) {
            topics = bucket.folders("")
                    .thenCompose(clusters -> gathered(clusters.stream()
                            .map(cluster -> inCluster(new BucketKeys(cluster.substring(0, cluster.length() - 1))))
                            .toList()));
        }
        return topics;
    }

    /** A living topic is preferred to a deleted one of the same name. */
    CompletableFuture<StoredTopic> topic(String name) {
        return topics().thenApply(all -> {
            List<StoredTopic> named = all.stream()
                    .filter(found -> found.topic().name().equals(name))
                    .toList();
            List<StoredTopic> living =
                    named.stream().filter(found -> !found.topic().isDeleted()).toList();
            if (living.size() > 1) {
                throw new HistoryException(
                        Kind.REFUSED, "the bucket holds topic " + name + " of more than one cluster: " + living, null);
            }
            return (living.isEmpty() ? named : living)
                    .stream()
                            .max(Comparator.comparingLong(found -> found.topic().deletedMs()))
                            .orElseThrow(() -> new HistoryException(
                                    Kind.UNKNOWN_TOPIC, "the bucket holds no topic " + name, null));
        });
    }

    /**
     * Fails with {@link CorruptObjectException} where the bucket holds more partitions than the topic's newest description
     * tells of: a description comes before anything of what it describes, so a newer one is missing.
     */
    CompletableFuture<@Nullable Void> checkPartitions(StoredTopic stored) {
        TopicObject topic = stored.topic();
        String topicFolder = stored.cluster().topicFolder(topic.topic());
        return bucket.folders(topicFolder).thenApply(folders -> {
            for (String folder : folders) {
                String name = folder.substring(topicFolder.length(), folder.length() - 1);
                if (name.matches("\\d{1,9}") && Integer.parseInt(name) >= topic.partitions()) {
                    throw new CorruptObjectException(
                            stored.cluster().topicDescription(topic.topic(), topic.version() + 1),
                            NO_BLOCK,
                            NO_OFFSET,
                            "the description of the topic is missing: partition " + name + " is there, and version "
                                    + topic.version() + " tells of " + topic.partitions());
                }
            }
            return null;
        });
    }

    private CompletableFuture<List<StoredTopic>> inCluster(BucketKeys cluster) {
        return bucket.folders(cluster.clusterFolder()).thenCompose(folders -> {
            List<CompletableFuture<List<StoredTopic>>> found = new ArrayList<>();
            for (String folder : folders) {
                idOf(folder).ifPresent(id -> found.add(described(cluster, id)));
            }
            return gathered(found);
        });
    }

    private CompletableFuture<List<StoredTopic>> described(BucketKeys cluster, UUID id) {
        return new LastKey(bucket).under(cluster.topicDescriptions(id)).thenCompose(last -> {
            String key = last.orElseThrow(() -> new CorruptObjectException(
                    cluster.topicDescriptions(id), NO_BLOCK, NO_OFFSET, "the description of the topic is missing"));
            return bucket.readAll(key).thenApply(bytes -> {
                TopicObject topic = TopicObject.decode(key, bytes);
                if (!cluster.topicDescription(topic.topic(), topic.version()).equals(key)) {
                    throw new CorruptObjectException(
                            key, NO_BLOCK, NO_OFFSET, "it describes topic " + topic.topic() + " instead");
                }
                return List.of(new StoredTopic(cluster, topic));
            });
        });
    }

    private static java.util.Optional<UUID> idOf(String folder) {
        String[] names = folder.split("/", -1);
        try {
            return java.util.Optional.of(UUID.fromString(names[1]));
        } catch (IllegalArgumentException e) {
            return java.util.Optional.empty();
        }
    }

    private static <T> CompletableFuture<List<T>> gathered(List<CompletableFuture<List<T>>> parts) {
        return CompletableFuture.allOf(parts.toArray(CompletableFuture<?>[]::new))
                .thenApply(done ->
                        parts.stream().flatMap(part -> part.join().stream()).toList());
    }
}
