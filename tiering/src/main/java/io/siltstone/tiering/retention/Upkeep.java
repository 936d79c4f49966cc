package io.siltstone.tiering.retention;

import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.Timers;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies retention and collects garbage of one owned partition from time to time. Confined to the partition's event
 * loop.
 */
public final class Upkeep {

    private static final Logger log = LoggerFactory.getLogger(Upkeep.class);

    private final PartitionRetention retention;
    private final GarbageCollector collector;
    private final Supplier<PartitionState> state;
    private final Supplier<RetentionPolicy> policy;
    private final Timers timers;
    private final Executor loop;
    private final long retentionCheckMs;
    private final long collectMs;
    private Timers.@Nullable Timer nextCheck;
    private Timers.@Nullable Timer nextCollection;
    private boolean over;

    /**
     * Not yet started.
     *
     * @param state the partition as its owner knows it now
     * @param policy of the topic now
     * @param retentionCheckMs between checks; Kafka's default is 5 min
     * @param collectMs between the collector's passes, each of which lists the partition's objects
     */
    public Upkeep(
            PartitionRetention retention,
            GarbageCollector collector,
            Supplier<PartitionState> state,
            Supplier<RetentionPolicy> policy,
            Timers timers,
            Executor loop,
            long retentionCheckMs,
            long collectMs) {
        this.retention = retention;
        this.collector = collector;
        this.state = state;
        this.policy = policy;
        this.timers = timers;
        this.loop = loop;
        this.retentionCheckMs = retentionCheckMs;
        this.collectMs = collectMs;
    }

    public void start() {
        nextCheck = timers.schedule(retentionCheckMs, this::check);
        nextCollection = timers.schedule(collectMs, this::collect);
    }

    /** The ownership is over. May be repeated. */
    public void close() {
        over = true;
        if (nextCheck != null) {
            nextCheck.cancel();
        }
        if (nextCollection != null) {
            nextCollection.cancel();
        }
    }

    private void check() {
        then(retention.check(state.get(), policy.get(), timers.wallClockMs()), () -> {
            nextCheck = timers.schedule(retentionCheckMs, this::check);
        });
    }

    private void collect() {
        then(collector.collect(), () -> {
            nextCollection = timers.schedule(collectMs, this::collect);
        });
    }

    private void then(CompletableFuture<?> step, Runnable next) {
        var unused = step.whenCompleteAsync(
                (done, failure) -> {
                    if (failure != null) {
                        log.warn("Garbage is left for the next pass: {}", failure.getMessage());
                    }
                    if (!over) {
                        next.run();
                    }
                },
                loop);
    }
}
