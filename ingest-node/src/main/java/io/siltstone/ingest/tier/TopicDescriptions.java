package io.siltstone.ingest.tier;

import io.netty.buffer.Unpooled;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.TopicObject;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.Partitions;
import io.siltstone.log.writer.Resignation;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.TopicImage;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectLister;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.PutResult;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps in the bucket what each topic of this node's partitions is called and how it is set, so that the bucket can be
 * read with the cluster off. Every node that owns a partition writes it; whoever comes second finds it there. A change
 * writes the next version. Thread-safe; does its work on the store's threads.
 */
public final class TopicDescriptions implements Partitions.Tenures, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TopicDescriptions.class);
    private static final int MAX_VERSIONS = 1_000;
    private static final long RETRY_SECONDS = 10;

    private final ObjectStore store;
    private final ClusterView view;
    private final Map<UUID, TopicImage> described = new ConcurrentHashMap<>();
    private final ClusterView.Subscription subscription;
    private volatile boolean closed;

    public TopicDescriptions(ObjectStore store, ClusterView view) {
        this.store = store;
        this.view = view;
        this.subscription = view.subscribe(change -> {
            if (!change.topics().isEmpty()) {
                described.keySet().forEach(this::describe);
            }
        });
    }

    /** Writes the topic's description if the bucket does not hold it yet, now and after each change of the topic. */
    private void describe(UUID topic) {
        ClusterImage image = view.image();
        image.topic(topic).ifPresent(found -> {
            if (!found.equals(described.put(topic, found))) {
                write(new BucketKeys(image.clusterId()), found);
            }
        });
    }

    @Override
    public void opened(Partition partition) {
        describe(partition.id().topic());
    }

    @Override
    public void over(Partition partition, Resignation why) {}

    @Override
    public void close() {
        closed = true;
        subscription.close();
    }

    private void write(BucketKeys keys, TopicImage topic) {
        var unused = store.list(keys.topicDescriptions(topic.id()), null, MAX_VERSIONS)
                .thenCompose(page -> put(keys, topic, page))
                .whenComplete((result, failure) -> {
                    if (failure != null || !(result instanceof PutResult.Created)) {
                        LOG.warn(
                                "The description of topic {} is not in the bucket yet: {}",
                                topic.name(),
                                failure == null ? result : failure.getMessage());
                        again(keys, topic);
                    }
                });
    }

    private CompletableFuture<PutResult> put(BucketKeys keys, TopicImage topic, ObjectLister.Page page) {
        List<ObjectInfo> versions = page.objects();
        if (versions.isEmpty()) {
            return put(keys, topic, 0);
        }
        String newest = versions.get(versions.size() - 1).key();
        long version = Long.parseLong(newest.substring(newest.lastIndexOf('/') + 1));
        int length = Math.toIntExact(versions.get(versions.size() - 1).bytes());
        return store.read(newest, 0, length).thenCompose(bytes -> {
            try {
                TopicObject there = TopicObject.decode(newest, bytes.nioBuffer());
                boolean same = there.name().equals(topic.name())
                        && there.partitions() == topic.partitionCount()
                        && there.configs().equals(topic.configs());
                return same
                        ? CompletableFuture.<PutResult>completedFuture(new PutResult.Created(true))
                        : put(keys, topic, version + 1);
            } finally {
                bytes.release();
            }
        });
    }

    private CompletableFuture<PutResult> put(BucketKeys keys, TopicImage topic, long version) {
        TopicObject object =
                new TopicObject(topic.id(), topic.name(), topic.partitionCount(), topic.configs(), 0, version);
        return store.putIfAbsent(keys.topicDescription(topic.id(), version), Unpooled.wrappedBuffer(object.encode()));
    }

    private void again(BucketKeys keys, TopicImage topic) {
        CompletableFuture.delayedExecutor(RETRY_SECONDS, TimeUnit.SECONDS).execute(() -> {
            if (!closed && topic.equals(described.get(topic.id()))) {
                write(keys, topic);
            }
        });
    }
}
