package io.siltstone.tiering.retention;

import io.siltstone.format.BucketKeys;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes everything of a deleted topic from the bucket: after a grace period from when its mark was first seen here, on
 * a monotonic clock; the topic's description goes last, so that a cut-off deletion is found again. Confined to one
 * thread.
 */
public final class DeletedTopicCollector {

    private static final Logger log = LoggerFactory.getLogger(DeletedTopicCollector.class);

    private static final int PAGE = 1_000;

    private final BucketKeys keys;
    private final ObjectStore store;
    private final CollectionSettings settings;
    private final LongSupplier monotonicMs;
    private final Map<UUID, Long> markedSinceMs = new HashMap<>();

    public DeletedTopicCollector(
            BucketKeys keys, ObjectStore store, CollectionSettings settings, LongSupplier monotonicMs) {
        this.keys = keys;
        this.store = store;
        this.settings = settings;
        this.monotonicMs = monotonicMs;
    }

    /**
     * To be called from time to time with each topic that bears the mark.
     *
     * @param markedTopic whose deletion was read from the metadata, never inferred from its absence
     * @return true once nothing of it is left; false during the grace period and in a dry run
     */
    public CompletableFuture<Boolean> collect(UUID markedTopic) {
        long now = monotonicMs.getAsLong();
        long since = markedSinceMs.computeIfAbsent(markedTopic, topic -> now);
        if (now - since < settings.graceMs() || settings.dryRun()) {
            return CompletableFuture.completedFuture(false);
        }
        String descriptions = keys.topicDescriptions(markedTopic);
        return store.folders(keys.topicFolder(markedTopic))
                .thenCompose(folders -> deleteFolders(
                        folders.stream()
                                .filter(folder -> !folder.equals(descriptions))
                                .toList(),
                        0))
                .thenCompose(done -> deleteFolder(descriptions))
                .thenApply(done -> {
                    log.info("Topic {}: everything of it is deleted from the bucket", markedTopic);
                    return true;
                });
    }

    /** The mark is gone; the topic will not be asked about again. */
    public void forget(UUID topic) {
        markedSinceMs.remove(topic);
    }

    private CompletionStage<Void> deleteFolders(List<String> folders, int index) {
        return index == folders.size()
                ? CompletableFuture.completedFuture(null)
                : deleteFolder(folders.get(index)).thenCompose(done -> deleteFolders(folders, index + 1));
    }

    private CompletionStage<Void> deleteFolder(String prefix) {
        return store.list(prefix, null, PAGE).thenCompose(page -> {
            CompletableFuture<?>[] deletions = page.objects().stream()
                    .map(ObjectInfo::key)
                    .map(store::delete)
                    .toArray(CompletableFuture[]::new);
            return CompletableFuture.allOf(deletions)
                    .thenCompose(
                            done -> page.more() ? deleteFolder(prefix) : CompletableFuture.<Void>completedFuture(null));
        });
    }
}
