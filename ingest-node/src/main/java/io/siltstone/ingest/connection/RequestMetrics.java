package io.siltstone.ingest.connection;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.protocol.ApiKeys;

/** What the node measures of its connections and requests. Any thread. */
public final class RequestMetrics {

    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger inFlight = new AtomicInteger();
    private final Counter bytesIn;
    private final Counter bytesOut;
    private final Map<ApiKeys, Timer> latency = new EnumMap<>(ApiKeys.class);

    public RequestMetrics(MeterRegistry registry, RequestMemory memory) {
        registry.gauge("siltstone.ingest.connections", connections);
        registry.gauge("siltstone.ingest.requests.in.flight", inFlight);
        registry.gauge(
                "siltstone.ingest.requests.held.bytes",
                Tags.of("kind", "produce"),
                memory.produce(),
                RequestBudget::heldBytes);
        registry.gauge(
                "siltstone.ingest.requests.held.bytes",
                Tags.of("kind", "other"),
                memory.other(),
                RequestBudget::heldBytes);
        bytesIn = registry.counter("siltstone.ingest.bytes", "direction", "in");
        bytesOut = registry.counter("siltstone.ingest.bytes", "direction", "out");
        for (ApiKeys api : ApiKeys.values()) {
            latency.put(
                    api,
                    Timer.builder("siltstone.ingest.requests")
                            .description("From a request's last byte to its answer's hand-over to the socket")
                            .tag("api", api.name)
                            .publishPercentiles(0.5, 0.99, 0.999)
                            .distributionStatisticExpiry(Duration.ofMinutes(1))
                            .register(registry));
        }
    }

    void received(int bytes) {
        bytesIn.increment(bytes);
        inFlight.incrementAndGet();
    }

    void sent(long bytes) {
        bytesOut.increment((double) bytes);
    }

    void answered(ApiKeys api, long nanos) {
        inFlight.decrementAndGet();
        Timer timer = latency.get(api);
        if (timer != null) {
            timer.record(nanos, TimeUnit.NANOSECONDS);
        }
    }
}
