package io.siltstone.ingest.archive;

import io.siltstone.format.BucketKeys;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.Metadata;
import io.siltstone.tiering.retention.CollectionSettings;
import io.siltstone.tiering.retention.DeletedTopicCollector;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.upload.TopicDescriptions;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.IntPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings deleted topics to their end while this node is the controller: tells the bucket of the deletion, deletes what it
 * holds of the topic after the grace period, and takes the mark away when the disks are clean too (rule 14). Another
 * controller begins the grace anew. Confined to its executor.
 */
final class DeletedTopics {

    private static final Logger LOG = LoggerFactory.getLogger(DeletedTopics.class);
    private static final long LOOK_MS = 15_000;

    private final Metadata metadata;
    private final IntPredicate isThisNode;
    private final TopicDescriptions descriptions;
    private final DeletedTopicCollector collector;
    private final Executor loop;
    private final Timers timers;
    private final long lookMs;
    private final Set<UUID> described = new HashSet<>();
    private final Set<UUID> collected = new HashSet<>();
    private boolean closed;

    DeletedTopics(
            ObjectStore store,
            BucketKeys keys,
            Metadata metadata,
            IntPredicate isThisNode,
            TopicDescriptions descriptions,
            CollectionSettings collection,
            Executor loop,
            Timers timers) {
        this.metadata = metadata;
        this.isThisNode = isThisNode;
        this.descriptions = descriptions;
        this.collector = new DeletedTopicCollector(keys, store, collection, timers::nowMs);
        this.loop = loop;
        this.timers = timers;
        this.lookMs = Math.min(LOOK_MS, collection.graceMs());
    }

    void start() {
        timers.schedule(lookMs, this::look);
    }

    void close() {
        loop.execute(() -> closed = true);
    }

    private void look() {
        if (closed) {
            return;
        }
        ClusterImage image = metadata.view().image();
        boolean controller =
                image.controller() != null && isThisNode.test(image.controller().node());
        Set<UUID> marked = image.deletedTopics().keySet();
        described.retainAll(marked);
        collected.removeIf(topic -> {
            boolean forgotten = !marked.contains(topic);
            if (forgotten) {
                collector.forget(topic);
            }
            return forgotten;
        });
        var unused = bringOn(List.copyOf(controller ? image.deletedTopics().values() : List.<DeletedTopicImage>of())
                        .iterator())
                .whenCompleteAsync((done, failure) -> timers.schedule(lookMs, this::look), loop);
    }

    private CompletableFuture<Void> bringOn(Iterator<DeletedTopicImage> marks) {
        if (closed || !marks.hasNext()) {
            return CompletableFuture.completedFuture(null);
        }
        DeletedTopicImage mark = marks.next();
        return bringOn(mark)
                .exceptionally(failure -> {
                    LOG.warn(
                            "Deleted topic {} ({}) stays until the next look: {}",
                            mark.name(),
                            mark.id(),
                            failure.toString());
                    return null;
                })
                .thenComposeAsync(done -> bringOn(marks), loop);
    }

    private CompletableFuture<Void> bringOn(DeletedTopicImage mark) {
        UUID topic = mark.id();
        CompletableFuture<Void> told = described.contains(topic) ? completed() : descriptions.describeDeleted(mark);
        return told.thenComposeAsync(
                        done -> {
                            described.add(topic);
                            return collected.contains(topic)
                                    ? CompletableFuture.completedFuture(true)
                                    : collector.collect(topic);
                        },
                        loop)
                .thenComposeAsync(
                        clean -> {
                            if (!clean) {
                                return completed();
                            }
                            collected.add(topic);
                            return disksAreClean(mark) ? forget(mark) : completed();
                        },
                        loop);
    }

    private boolean disksAreClean(DeletedTopicImage mark) {
        return mark.droppedBy()
                .containsAll(metadata.view().image().storageDisks().keySet());
    }

    private CompletableFuture<Void> forget(DeletedTopicImage mark) {
        return metadata.store()
                .forgetDeletedTopic(mark.id())
                .thenRun(() -> LOG.info(
                        "Deleted topic {} ({}) is gone from the bucket and from every disk", mark.name(), mark.id()));
    }

    private static CompletableFuture<Void> completed() {
        return CompletableFuture.completedFuture(null);
    }
}
