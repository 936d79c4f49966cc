package io.siltstone.cli.bench;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs workloads one after the other and reports each phase: cold first, then, after enough bytes for the servers' JVMs
 * to have compiled what they run, warm. Used from one thread.
 */
final class Bench {
    private static final double MIB = 1 << 20;
    private static final double GIB = 1 << 30;

    private final String bootstrap;
    private final String topic;
    private final ServerProcesses servers;
    private final Runnable settle;
    private final long warmUpBytes;
    private final Consumer<PhaseResult> report;
    private final Sender sender;
    private long sentRecords;
    private long sentBytes;

    /**
     * A bench that has sent nothing yet.
     *
     * @param settle called after what was produced, so that the work which it waits for counts as CPU, not as time
     * @param warmUpBytes that are sent in all before the first warm phase begins
     */
    Bench(
            String bootstrap,
            String topic,
            ServerProcesses servers,
            Runnable settle,
            long warmUpBytes,
            Consumer<PhaseResult> report) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.servers = servers;
        this.settle = settle;
        this.warmUpBytes = warmUpBytes;
        this.report = report;
        this.sender = new Sender(bootstrap, topic);
    }

    void produce(Load load) {
        measure(Workload.PRODUCE, "cold", load, () -> send(load));
        warmUp(load);
        measure(Workload.PRODUCE, "warm", load, () -> send(load));
    }

    /** Producer and consumer at once; the figures are the consumer's, the CPU is that of both. */
    void tail(Load load) {
        follow(Workload.TAIL, "cold", load);
        warmUp(load);
        follow(Workload.TAIL, "warm", load);
    }

    void endToEnd(Load load) {
        follow(Workload.END_TO_END, "cold", load);
        warmUp(load.asFast());
        follow(Workload.END_TO_END, "warm", load);
    }

    /** Reads what the topic holds, twice. */
    void backlog(Load load) {
        if (sentRecords == 0) {
            send(load);
            settle.run();
        }
        Load all = load.withRecords(sentRecords);
        for (String phase : new String[] {"cold", "warm"}) {
            measure(Workload.BACKLOG, phase, all, () -> {
                try (Receiver receiver = new Receiver(bootstrap, topic)) {
                    receiver.seekToBeginning();
                    receiver.count(all.records());
                    return null;
                }
            });
        }
    }

    /** Sends what is lacking, and lets its work end before the next phase reads the servers' CPU. */
    private void warmUp(Load load) {
        long records = (warmUpBytes - sentBytes) / load.recordBytes();
        if (records > 0) {
            send(load.withRecords(records));
            settle.run();
        }
    }

    private Latencies send(Load load) {
        Latencies latencies = sender.send(load);
        sentRecords += load.records();
        sentBytes += load.bytes();
        return latencies;
    }

    private void follow(Workload workload, String phase, Load load) {
        try (Receiver receiver = new Receiver(bootstrap, topic)) {
            receiver.seekToEnd();
            measure(workload, phase, load, () -> {
                CompletableFuture<Latencies> sending = CompletableFuture.supplyAsync(
                        () -> send(load), task -> new Thread(task, "bench-sender").start());
                Latencies arrived = receiver.receive(load.records(), sending::isCompletedExceptionally);
                sending.join();
                return arrived;
            });
        }
    }

    private void measure(Workload workload, String phase, Load load, Supplier<@Nullable Latencies> work) {
        double cpuBefore = servers.cpuSeconds();
        long begun = System.nanoTime();
        Latencies latencies = work.get();
        double seconds = (System.nanoTime() - begun) / 1e9;
        if (workload != Workload.BACKLOG) {
            settle.run();
        }
        double cpu = servers.cpuSeconds() - cpuBefore;
        report.accept(new PhaseResult(
                workload.label(),
                phase,
                load.records(),
                seconds,
                load.records() / seconds,
                load.bytes() / MIB / seconds,
                servers.none() ? null : cpu / (load.bytes() / GIB),
                servers.none() ? null : servers.residentBytes() >> 20,
                latencies == null ? null : latencies.summary()));
    }
}
