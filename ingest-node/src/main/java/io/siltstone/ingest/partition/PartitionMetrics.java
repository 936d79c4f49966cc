package io.siltstone.ingest.partition;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** What the node measures of its partitions. Any thread. */
public final class PartitionMetrics {

    private final AtomicInteger owned = new AtomicInteger();
    private final Counter takeovers;
    private final Timer takeoverTime;
    private final Counter tailReads;
    private final Counter diskReads;
    private final Counter bucketReads;
    private final Counter appendedBytes;
    private final Counter forgottenProducers;

    public PartitionMetrics(MeterRegistry registry) {
        registry.gauge("siltstone.ingest.partitions.owned", owned);
        takeovers = registry.counter("siltstone.ingest.takeovers");
        takeoverTime = Timer.builder("siltstone.ingest.takeover.time")
                .description("From the claim to serving")
                .publishPercentiles(0.5, 0.99)
                .distributionStatisticExpiry(Duration.ofMinutes(10))
                .register(registry);
        appendedBytes = registry.counter("siltstone.ingest.appended.bytes");
        forgottenProducers = Counter.builder("siltstone.ingest.producers.forgotten")
                .description("Idempotent producers that a partition forgot early, for it had too many")
                .register(registry);
        tailReads = registry.counter("siltstone.ingest.reads", "source", "tail");
        diskReads = registry.counter("siltstone.ingest.reads", "source", "storage");
        bucketReads = registry.counter("siltstone.ingest.reads", "source", "bucket");
    }

    void opened(long tookMs) {
        owned.incrementAndGet();
        takeovers.increment();
        takeoverTime.record(tookMs, TimeUnit.MILLISECONDS);
    }

    void closed() {
        owned.decrementAndGet();
    }

    void appended(int bytes) {
        appendedBytes.increment(bytes);
    }

    void forgotProducer() {
        forgottenProducers.increment();
    }

    void readTail() {
        tailReads.increment();
    }

    void readDisk() {
        diskReads.increment();
    }

    void readBucket() {
        bucketReads.increment();
    }

    /** Reads that the bucket was asked for, since the start. */
    public long bucketReads() {
        return (long) bucketReads.count();
    }

    public int owned() {
        return owned.get();
    }
}
