package io.siltstone.cli.bench;

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
    private final Consumer<PhaseResult> report;
    private final Sender sender;
    private long sentRecords;

    Bench(String bootstrap, String topic, ServerProcesses servers, Consumer<PhaseResult> report) {
        this.bootstrap = bootstrap;
        this.topic = topic;
        this.servers = servers;
        this.report = report;
        this.sender = new Sender(bootstrap, topic);
    }

    /** Cold, then {@code warmUpBytes} more, then warm. */
    void produce(Load load, long warmUpBytes) throws InterruptedException {
        measure(Workload.PRODUCE, "cold", load, () -> send(load));
        warmUp(load, warmUpBytes);
        measure(Workload.PRODUCE, "warm", load, () -> send(load));
    }

    /** Producer and consumer at once; the figures are the consumer's, the CPU is that of both. */
    void tail(Load load) throws InterruptedException {
        follow(Workload.TAIL, "cold", load);
        follow(Workload.TAIL, "warm", load);
    }

    void endToEnd(Load load) throws InterruptedException {
        follow(Workload.END_TO_END, "cold", load);
        follow(Workload.END_TO_END, "warm", load);
    }

    /** Reads what the topic holds, twice. */
    void backlog(Load load) throws InterruptedException {
        if (sentRecords == 0) {
            send(load);
        }
        Load all = load.withRecords(sentRecords);
        for (String phase : new String[] {"cold", "warm"}) {
            measure(Workload.BACKLOG, phase, all, () -> {
                try (Receiver receiver = new Receiver(bootstrap, topic)) {
                    receiver.seekToBeginning();
                    receiver.receive(all.records());
                    return null;
                }
            });
        }
    }

    private void warmUp(Load load, long bytes) {
        long records = bytes / load.recordBytes();
        if (records > 0) {
            send(load.withRecords(records));
        }
    }

    private Latencies send(Load load) {
        Latencies latencies = sender.send(load);
        sentRecords += load.records();
        return latencies;
    }

    private void follow(Workload workload, String phase, Load load) throws InterruptedException {
        try (Receiver receiver = new Receiver(bootstrap, topic)) {
            receiver.seekToEnd();
            Thread sending = new Thread(() -> send(load), "bench-sender");
            sending.setDaemon(true);
            measure(workload, phase, load, () -> {
                sending.start();
                return receiver.receive(load.records());
            });
            sending.join();
        }
    }

    private void measure(Workload workload, String phase, Load load, Supplier<@Nullable Latencies> work) {
        double cpuBefore = servers.cpuSeconds();
        long begun = System.nanoTime();
        Latencies latencies = work.get();
        double seconds = (System.nanoTime() - begun) / 1e9;
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
