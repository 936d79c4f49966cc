package io.siltstone.tiering.upload;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.TopicObject;
import io.siltstone.log.writer.Timers;
import io.siltstone.metadata.DeletedTopicImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.tiering.store.ObjectInfo;
import io.siltstone.tiering.store.ObjectLister;
import io.siltstone.tiering.store.ObjectStore;
import io.siltstone.tiering.store.ObjectStoreException;
import io.siltstone.tiering.store.PutResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the bucket's descriptions of topics as the metadata has them. {@link #describe} may be called on any thread; the
 * state is confined to the executor.
 *
 * <p>Any number of nodes may describe a topic: each reads the newest version and puts the next one under a key that must
 * be free. A node whose image lags may write what was true before; it writes again when its image has followed.
 *
 * <p>Invariants: one attempt per topic is under way; nothing follows a version that says "deleted"; the number of
 * partitions never shrinks.
 */
public final class TopicDescriptions {

    private static final Logger log = LoggerFactory.getLogger(TopicDescriptions.class);

    private static final int PAGE = 1_000;
    private static final int MAX_OBJECT_BYTES = 1 << 20;
    private static final int ROUNDS = 4;

    /** What this node knows of one topic's description. */
    private final class Topic {
        private final Backoff backoff = new Backoff(settings.firstBackoffMs(), settings.longestBackoffMs(), random);
        private List<CompletableFuture<Void>> waiting = new ArrayList<>();
        private @Nullable TopicImage written;
        private boolean running;
    }

    /** The newest version in the bucket; its content is null where the object is damaged. */
    private record Newest(long version, @Nullable TopicObject content) {}

    private final ObjectStore store;
    private final BucketKeys keys;
    private final Function<UUID, Optional<TopicImage>> images;
    private final Executor loop;
    private final Timers timers;
    private final TieringSettings settings;
    private final Random random;
    private final Map<UUID, Topic> topics = new HashMap<>();

    /**
     * Describes nothing until it is asked to.
     *
     * @param images the topic as the metadata has it now; empty where it is deleted
     * @param timers of the executor
     * @param settings of which the waits after failures count
     */
    public TopicDescriptions(
            ObjectStore store,
            BucketKeys keys,
            Function<UUID, Optional<TopicImage>> images,
            Executor loop,
            Timers timers,
            TieringSettings settings,
            Random random) {
        this.store = store;
        this.keys = keys;
        this.images = images;
        this.loop = loop;
        this.timers = timers;
        this.settings = settings;
        this.random = random;
    }

    /**
     * Sees to it that the bucket describes the topic as it is now; tried until it succeeds.
     *
     * @return completes when that is so, or the topic is deleted; never fails
     */
    public CompletableFuture<Void> describe(UUID topic) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            Topic known = topics.computeIfAbsent(topic, id -> new Topic());
            known.waiting.add(done);
            advance(topic, known);
        });
        return done;
    }

    /** The metadata changed: a topic that was described here is described again if it differs. */
    public void changed(UUID topic) {
        loop.execute(() -> {
            Topic known = topics.get(topic);
            if (known != null) {
                advance(topic, known);
            }
        });
    }

    /**
     * Writes down that a topic is deleted, where the bucket has a description of it.
     *
     * @param mark as it was read from the metadata
     * @return fails where the bucket cannot be reached
     */
    public CompletableFuture<Void> describeDeleted(DeletedTopicImage mark) {
        return write(mark.id(), ROUNDS, newest -> {
            TopicObject content = newest.content();
            return content == null || content.isDeleted()
                    ? null
                    : new TopicObject(
                            content.topic(),
                            content.name(),
                            content.partitions(),
                            content.configs(),
                            Math.max(1, mark.deletedMs()),
                            newest.version() + 1);
        });
    }

    private void advance(UUID id, Topic topic) {
        if (topic.running) {
            return;
        }
        TopicImage image = images.apply(id).orElse(null);
        if (image == null) {
            topics.remove(id);
        }
        if (image == null || image.equals(topic.written)) {
            List<CompletableFuture<Void>> waited = topic.waiting;
            topic.waiting = new ArrayList<>();
            waited.forEach(done -> done.complete(null));
            return;
        }
        topic.running = true;
        var unused = write(id, ROUNDS, newest -> next(newest, image))
                .whenCompleteAsync((done, failure) -> attempted(id, topic, image, failure), loop);
    }

    private void attempted(UUID id, Topic topic, TopicImage image, @Nullable Throwable failure) {
        if (failure == null) {
            topic.running = false;
            topic.written = image;
            topic.backoff.succeeded();
            advance(id, topic);
            return;
        }
        long delayMs = topic.backoff.failed();
        log.warn(
                "The bucket could not be told of topic {} ({}), the next attempt is in {} ms: {}",
                image.name(),
                id,
                delayMs,
                ObjectStoreException.from(failure, keys.topicDescriptions(id)).getMessage());
        timers.schedule(delayMs, () -> {
            topic.running = false;
            advance(id, topic);
        });
    }

    private static @Nullable TopicObject next(Newest newest, TopicImage image) {
        TopicObject content = newest.content();
        if (content != null && content.isDeleted()) {
            return null;
        }
        int partitions = Math.max(image.partitionCount(), content == null ? 0 : content.partitions());
        TopicObject next =
                new TopicObject(image.id(), image.name(), partitions, image.configs(), 0, newest.version() + 1);
        boolean same = content != null
                && content.partitions() == partitions
                && content.name().equals(image.name())
                && content.configs().equals(next.configs());
        return same ? null : next;
    }

    /**
     * Puts what the change makes of the newest version, until it makes nothing of it any more: so every outcome of a put
     * is settled by reading.
     */
    private CompletableFuture<Void> write(UUID topic, int rounds, Change change) {
        return newest(topic).thenCompose(newest -> {
            TopicObject next = change.apply(newest);
            if (next == null) {
                return CompletableFuture.completedFuture(null);
            }
            String key = keys.topicDescription(topic, next.version());
            if (rounds == 0) {
                throw new ObjectStoreException(
                        ObjectStoreException.Kind.UNAVAILABLE, key, "the put did not succeed in time", null);
            }
            ByteBuf bytes = Unpooled.wrappedBuffer(next.encode());
            return store.putIfAbsent(key, bytes).thenCompose(result -> {
                if (result instanceof PutResult.Created) {
                    log.info("The bucket describes topic {} ({}), version {}", next.name(), topic, next.version());
                }
                return write(topic, rounds - 1, change);
            });
        });
    }

    /** What to write on top of the newest version; null for nothing. */
    private interface Change {
        @Nullable
        TopicObject apply(Newest newest);
    }

    private CompletableFuture<Newest> newest(UUID topic) {
        return newestKey(store, keys, topic).thenCompose(found -> {
            if (found.isEmpty()) {
                return CompletableFuture.completedFuture(new Newest(0, null));
            }
            String last = found.get();
            long version =
                    Long.parseLong(last.substring(keys.topicDescriptions(topic).length()));
            return store.readWhole(last, MAX_OBJECT_BYTES).thenApply(bytes -> {
                try {
                    return new Newest(version, TopicObject.decode(last, bytes.nioBuffer()));
                } catch (CorruptObjectException damaged) {
                    log.error("A topic's description is damaged, the next version replaces it", damaged);
                    return new Newest(version, null);
                } finally {
                    bytes.release();
                }
            });
        });
    }

    /** The key of the newest description of a topic in the bucket; empty where there is none. */
    public static CompletableFuture<Optional<String>> newestKey(ObjectLister store, BucketKeys keys, UUID topic) {
        return lastKey(store, keys.topicDescriptions(topic), null, null).thenApply(Optional::ofNullable);
    }

    private static CompletableFuture<@Nullable String> lastKey(
            ObjectLister store, String prefix, @Nullable String after, @Nullable String lastSoFar) {
        return store.list(prefix, after, PAGE).thenCompose(page -> {
            List<ObjectInfo> objects = page.objects();
            String last = objects.isEmpty()
                    ? lastSoFar
                    : objects.get(objects.size() - 1).key();
            return page.more() ? lastKey(store, prefix, last, last) : CompletableFuture.completedFuture(last);
        });
    }
}
