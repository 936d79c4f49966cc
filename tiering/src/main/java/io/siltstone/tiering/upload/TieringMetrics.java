package io.siltstone.tiering.upload;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/** What a node tells of its tiering. Thread-safe. */
public final class TieringMetrics {

    private final Set<Tierer> tierers = ConcurrentHashMap.newKeySet();
    private final Counter uploadedBytes;
    private final Counter uploadedObjects;
    private final Counter failures;

    public TieringMetrics(MeterRegistry registry) {
        uploadedBytes = Counter.builder("siltstone.tiering.uploaded.bytes")
                .description("Bytes of segment objects committed to the bucket")
                .register(registry);
        uploadedObjects = Counter.builder("siltstone.tiering.uploaded.objects")
                .description("Segment objects committed to the bucket")
                .register(registry);
        failures = Counter.builder("siltstone.tiering.failures")
                .description("Uploads and commits that failed and are tried again")
                .register(registry);
        gauge(
                registry,
                "siltstone.tiering.untiered.bytes",
                "Closed bytes that the bucket lacks, estimated",
                all -> all.tierers.stream().mapToDouble(Tierer::untieredBytes).sum());
        gauge(
                registry,
                "siltstone.tiering.untiered.age.seconds",
                "Age of the oldest closed segment it lacks",
                all -> all.tierers.stream()
                                .mapToDouble(Tierer::untieredAgeMs)
                                .max()
                                .orElse(0)
                        / 1000);
        gauge(
                registry,
                "siltstone.tiering.failing.partitions",
                "Partitions whose last attempt failed",
                all -> all.tierers.stream().filter(Tierer::isFailing).count());
    }

    void add(Tierer tierer) {
        tierers.add(tierer);
    }

    void remove(Tierer tierer) {
        tierers.remove(tierer);
    }

    void committed(long bytes) {
        uploadedBytes.increment((double) bytes);
        uploadedObjects.increment();
    }

    double uploadedBytes() {
        return uploadedBytes.count();
    }

    void failed() {
        failures.increment();
    }

    private void gauge(
            MeterRegistry registry, String name, String description, ToDoubleFunction<TieringMetrics> value) {
        Gauge.builder(name, this, value).description(description).register(registry);
    }
}
