package io.siltstone.ingest.partition;

import io.netty.channel.EventLoop;
import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Resignation;
import io.siltstone.metadata.ClusterChange;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.TopicImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions that this node owns or is taking over, by what the metadata says it should. Decisions are made on one
 * event loop, the first; {@link #find} is for any thread.
 *
 * <p>Assigned here and not owned: taken over, at once where nobody alive owns it, else when its owner has let go or a
 * second has passed. Assigned elsewhere: released. Being wrong about any of this costs time, never data: the log fences.
 */
public final class Partitions {

    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);

    private static final long PATIENCE_MS = 1_000;
    private static final long RETRY_MS = 200;
    private static final long TICK_MS = 250;

    private final List<PartitionLoop> loops;
    private final EventLoop control;
    private final TopicDefaults defaults;
    private final ClusterView view;
    private final Tenures tenures;
    private final long producerExpirationMs;
    private final Map<PartitionId, Partition> partitions = new ConcurrentHashMap<>();
    private final Map<UUID, KnownSettings> settings = new ConcurrentHashMap<>();
    private final Map<PartitionId, Long> waitingSinceMs = new HashMap<>();
    private ClusterView.@Nullable Subscription subscription;
    private @Nullable Owner self;
    private @Nullable CompletableFuture<Void> allReleased;

    private record KnownSettings(Map<String, String> configs, TopicSettings settings) {}

    /** Hears of tenures that begin and end, on the partition's event loop. */
    public interface Tenures {

        /** Takes note of nothing. */
        Tenures IGNORED = new Tenures() {
            @Override
            public void opened(Partition partition) {}

            @Override
            public void over(Partition partition, Resignation why) {}
        };

        void opened(Partition partition);

        /** Only of tenures that were opened. */
        void over(Partition partition, Resignation why);
    }

    /**
     * A registry that owns nothing until {@link #start}.
     *
     * @param loops a partition lives on the one that its id's hash names
     * @param producerExpirationMs a partition forgets an idempotent producer so long after its last append
     */
    public Partitions(
            List<PartitionLoop> loops,
            TopicDefaults defaults,
            ClusterView view,
            Tenures tenures,
            long producerExpirationMs) {
        this.loops = List.copyOf(loops);
        this.control = loops.get(0).eventLoop();
        this.defaults = defaults;
        this.view = view;
        this.tenures = tenures;
        this.producerExpirationMs = producerExpirationMs;
        for (PartitionLoop loop : loops) {
            loop.eventLoop().scheduleWithFixedDelay(() -> tick(loop), TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** The tenure of this node, open or being opened; empty where it has none. Any thread. */
    public Optional<Partition> find(PartitionId id) {
        return Optional.ofNullable(partitions.get(id));
    }

    /** All tenures, open or being opened. Any thread. */
    public List<Partition> all() {
        return List.copyOf(partitions.values());
    }

    /** Owns what is assigned to this incarnation from now on. */
    public void start(Owner incarnation) {
        control.execute(() -> {
            self = incarnation;
            if (subscription == null) {
                subscription = view.subscribe(change -> control.execute(() -> changed(change)));
            } else {
                view.image().partitions().keySet().forEach(this::decide);
            }
        });
    }

    /** The session is lost: every tenure ends at once, and none begins before {@link #start}. */
    public void abandonAll() {
        control.execute(() -> {
            self = null;
            waitingSinceMs.clear();
            partitions.values().forEach(partition -> on(partition, Partition::abandon));
        });
    }

    /** Completes when every tenure has ended; the controller, which sees the node draining, assigns them elsewhere. */
    public CompletableFuture<Void> whenAllReleased() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        control.execute(() -> {
            allReleased = done;
            completeIfNoneLeft();
        });
        return done;
    }

    /** Hands every partition over, wherever the metadata wants it: there may be nobody to take it. */
    public void releaseAll() {
        control.execute(() -> {
            self = null;
            partitions.values().forEach(partition -> on(partition, Partition::release));
        });
    }

    /** Stops watching; tenures that are left end at once. */
    public void close() {
        abandonAll();
        control.execute(() -> {
            if (subscription != null) {
                subscription.close();
            }
        });
    }

    private void changed(ClusterChange change) {
        ClusterImage image = change.after();
        change.partitions().forEach(id -> {
            image.partition(id)
                    .ifPresent(seen -> find(id).ifPresent(partition ->
                            on(partition, each -> each.chainChanged(seen.state(), seen.version()))));
            decide(id);
        });
        change.topics().forEach(id -> {
            Optional<TopicImage> topic = image.topic(id);
            if (topic.isPresent()) {
                // A partition may have been seen assigned before its topic was seen.
                for (int partition = 0; partition < topic.get().partitionCount(); partition++) {
                    decide(new PartitionId(id, partition));
                }
            } else {
                settings.remove(id);
                partitions.keySet().stream()
                        .filter(partition -> partition.topic().equals(id))
                        .forEach(this::decide);
            }
        });
        if (change.ingestNodes()) {
            Set.copyOf(waitingSinceMs.keySet()).forEach(this::decide);
        }
    }

    private void decide(PartitionId id) {
        ClusterImage image = view.image();
        Optional<PartitionImage> seen = image.partition(id);
        Optional<TopicImage> topic = image.topic(id.topic());
        Owner me = self;
        Partition mine = partitions.get(id);
        if (me == null) {
            return;
        }
        boolean wanted = seen.isPresent()
                && topic.isPresent()
                && me.equals(seen.get().state().assigned());
        if (wanted) {
            own(id, seen.get().state(), topic.get(), image, me);
        } else if (mine != null && topic.isEmpty()) {
            waitingSinceMs.remove(id);
            on(mine, Partition::abandonDeleted);
        } else if (mine != null && seen.isPresent() && seen.get().state().assigned() != null) {
            waitingSinceMs.remove(id);
            on(mine, Partition::release);
        }
    }

    /** Begins a tenure, and takes over when it is time; what arrives until then waits in the tenure. */
    private void own(PartitionId id, PartitionState state, TopicImage topic, ClusterImage image, Owner me) {
        Partition mine = partitions.get(id);
        if (mine == null) {
            mine = begin(id, topic, me);
            waitingSinceMs.put(id, loops.get(0).timers().nowMs());
        } else if (!waitingSinceMs.containsKey(id)) {
            return;
        }
        if (mustWait(id, state, image, me)) {
            control.schedule(() -> decide(id), PATIENCE_MS, TimeUnit.MILLISECONDS);
        } else {
            waitingSinceMs.remove(id);
            on(mine, Partition::takeOver);
        }
    }

    /** Another process still owns it and lives: it will let go. */
    private boolean mustWait(PartitionId id, PartitionState state, ClusterImage image, Owner me) {
        if (state.owner() == null || state.owner().equals(me) || !image.isLive(state.owner())) {
            return false;
        }
        long nowMs = loops.get(0).timers().nowMs();
        return nowMs - waitingSinceMs.getOrDefault(id, nowMs) < PATIENCE_MS;
    }

    private Partition begin(PartitionId id, TopicImage topic, Owner me) {
        PartitionLoop loop = loops.get(Math.floorMod(id.hashCode(), loops.size()));
        Partition partition = new Partition(
                id,
                new TopicPartition(topic.name(), id.partition()),
                me,
                loop,
                () -> settings(topic),
                new Partition.Tenure() {
                    @Override
                    public void opened(Partition opened) {
                        tenures.opened(opened);
                    }

                    @Override
                    public void over(Partition over, boolean wasOpen, Resignation why) {
                        if (wasOpen) {
                            tenures.over(over, why);
                        }
                        control.execute(() -> ended(id));
                    }
                });
        partitions.put(id, partition);
        return partition;
    }

    private void ended(PartitionId id) {
        partitions.remove(id);
        waitingSinceMs.remove(id);
        completeIfNoneLeft();
        if (self != null) {
            control.schedule(() -> decide(id), RETRY_MS, TimeUnit.MILLISECONDS);
        }
    }

    private void completeIfNoneLeft() {
        CompletableFuture<Void> waiting = allReleased;
        if (waiting != null && partitions.isEmpty()) {
            waiting.complete(null);
        }
    }

    private TopicSettings settings(TopicImage created) {
        TopicImage topic = view.image().topic(created.id()).orElse(created);
        KnownSettings known = settings.get(topic.id());
        if (known == null || !known.configs.equals(topic.configs())) {
            known = new KnownSettings(topic.configs(), defaults.settings(topic));
            settings.put(topic.id(), known);
        }
        return known.settings;
    }

    private static void on(Partition partition, Consumer<Partition> action) {
        partition.loop().eventLoop().execute(() -> action.accept(partition));
    }

    private void tick(PartitionLoop loop) {
        long nowMs = loop.timers().nowMs();
        long forgetBeforeMs = loop.timers().wallClockMs() - producerExpirationMs;
        for (Partition partition : partitions.values()) {
            if (partition.loop().eventLoop().inEventLoop()) {
                tick(partition, nowMs, forgetBeforeMs);
            }
        }
    }

    /** What goes wrong with one partition stops neither the others nor the ticker, which ends at the first that throws. */
    private static void tick(Partition partition, long nowMs, long forgetBeforeMs) {
        try {
            partition.tick(nowMs, forgetBeforeMs);
        } catch (Throwable failed) {
            LOG.error("{} ({}) could not be looked after this time", partition.name(), partition.id(), failed);
        }
    }
}
