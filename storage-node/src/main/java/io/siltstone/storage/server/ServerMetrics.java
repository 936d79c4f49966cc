package io.siltstone.storage.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.netty.buffer.ByteBuf;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.storage.replica.ReplicaEngine;
import io.siltstone.storage.replica.WriterLink;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** What a storage server counts. Meters may be read from any thread. */
public final class ServerMetrics {

    private final Map<Request.BodyCase, Counter> requests = new EnumMap<>(Request.BodyCase.class);
    private final Map<Code, Counter> refusals = new EnumMap<>(Code.class);
    private final DistributionSummary frameBytes;
    private final Counter readBytes;
    private final Timer forces;
    private final Timer fences;
    private final Timer reads;
    private final AtomicLong inFlightBytes = new AtomicLong();
    private final AtomicLong journalQueueBytes = new AtomicLong();
    private final AtomicLong waitingReads = new AtomicLong();
    private final AtomicLong pausedConnections = new AtomicLong();
    private final AtomicLong liveBytes = new AtomicLong();
    private final AtomicLong usedBytes = new AtomicLong();
    private final AtomicLong limitBytes = new AtomicLong();
    private final AtomicLong segments = new AtomicLong();

    public ServerMetrics(MeterRegistry registry) {
        for (Request.BodyCase request : Request.BodyCase.values()) {
            requests.put(
                    request,
                    registry.counter(
                            "siltstone.storage.requests",
                            "request",
                            request.name().toLowerCase(Locale.ROOT)));
        }
        for (Code code : Code.values()) {
            refusals.put(
                    code,
                    registry.counter(
                            "siltstone.storage.append.refusals",
                            "code",
                            code.name().toLowerCase(Locale.ROOT)));
        }
        frameBytes = DistributionSummary.builder("siltstone.storage.request.payload")
                .baseUnit("bytes")
                .register(registry);
        readBytes = Counter.builder("siltstone.storage.read.payload")
                .baseUnit("bytes")
                .register(registry);
        forces = timer(registry, "siltstone.storage.journal.fsync");
        fences = timer(registry, "siltstone.storage.fence");
        reads = timer(registry, "siltstone.storage.read");
        registry.gauge("siltstone.storage.inflight.bytes", inFlightBytes);
        registry.gauge("siltstone.storage.journal.queue.bytes", journalQueueBytes);
        registry.gauge("siltstone.storage.read.queue.length", waitingReads);
        registry.gauge("siltstone.storage.connections.paused", pausedConnections);
        registry.gauge("siltstone.storage.disk.live.bytes", liveBytes);
        registry.gauge("siltstone.storage.disk.used.bytes", usedBytes);
        registry.gauge("siltstone.storage.disk.limit.bytes", limitBytes);
        registry.gauge("siltstone.storage.segments", segments);
    }

    private static Timer timer(MeterRegistry registry, String name) {
        return Timer.builder(name).publishPercentiles(0.5, 0.99, 0.999).register(registry);
    }

    void requested(Request.BodyCase request, int payloadBytes) {
        Counter counter = requests.get(request);
        if (counter != null) {
            counter.increment();
        }
        if (payloadBytes > 0) {
            frameBytes.record(payloadBytes);
        }
    }

    void refused(List<WriterLink.Refusal> refused) {
        for (WriterLink.Refusal refusal : refused) {
            Counter counter = refusals.get(refusal.code());
            if (counter != null) {
                counter.increment();
            }
        }
    }

    void fenced(long nanos) {
        fences.record(nanos, TimeUnit.NANOSECONDS);
    }

    void read(long nanos, List<ByteBuf> payloads) {
        reads.record(nanos, TimeUnit.NANOSECONDS);
        long bytes = 0;
        for (ByteBuf payload : payloads) {
            bytes += payload.readableBytes();
        }
        readBytes.increment((double) bytes);
    }

    void forced(long nanos) {
        forces.record(nanos, TimeUnit.NANOSECONDS);
    }

    void sample(long inFlight, long queued, int readsWaiting, int paused, ReplicaEngine engine) {
        inFlightBytes.set(inFlight);
        journalQueueBytes.set(queued);
        waitingReads.set(readsWaiting);
        pausedConnections.set(paused);
        liveBytes.set(engine.space().liveBytes());
        usedBytes.set(engine.space().usedBytes());
        limitBytes.set(engine.space().limitBytes());
        segments.set(engine.core().segmentCount());
    }
}
