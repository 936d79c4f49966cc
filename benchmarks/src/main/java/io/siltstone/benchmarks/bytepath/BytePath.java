package io.siltstone.benchmarks.bytepath;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.siltstone.log.DiskId;
import io.siltstone.log.client.Backpressure;
import io.siltstone.log.client.PlainTransport;
import io.siltstone.log.client.ReplicaClient;
import io.siltstone.log.client.ReplicaClientSettings;
import io.siltstone.log.wire.SocketTransport;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Measures the path of a byte from owners to three storage nodes in processes of their own: throughput, latency of a
 * confirmed entry, and CPU seconds of all four processes per GiB. Options as {@code name=value}, see {@link Options}.
 */
public final class BytePath implements AutoCloseable {

    private static final int REPLICAS = 3;

    private final Options options;
    private final List<NodeProcess> nodes = new ArrayList<>();
    private final MultiThreadIoEventLoopGroup loops;
    private final AtomicLong confirmedBytes = new AtomicLong();
    private final Latencies latencies = new Latencies();
    private final List<FakeOwner> owners = new ArrayList<>();

    private BytePath(Options options) throws IOException {
        this.options = options;
        loops = new MultiThreadIoEventLoopGroup(
                options.loops(), SocketTransport.best().ioHandlers());
        for (int i = 0; i < REPLICAS; i++) {
            nodes.add(NodeProcess.start(options, i));
        }
    }

    /** Prints a line per interval, and the whole at the end. */
    public static void main(String[] arguments) throws Exception {
        try (BytePath path = new BytePath(Options.parse(arguments))) {
            path.start();
            path.report("warm-up", path.options.warmupSeconds());
            path.report("measured", path.options.seconds());
            path.stop();
        }
    }

    private void start() {
        Map<DiskId, NodeProcess> byDisk = new HashMap<>();
        nodes.forEach(node -> byDisk.put(node.disk(), node));
        List<DiskId> disks = nodes.stream().map(NodeProcess::disk).toList();
        ReplicaClientSettings settings =
                ReplicaClientSettings.withDefaults(NodeProcess.CLUSTER_ID).withLingerMicros(options.lingerMicros());
        for (int i = 0; i < options.loops(); i++) {
            EventLoop loop = loops.next();
            OwnersValve valve = new OwnersValve();
            ReplicaClient client = new ReplicaClient(
                    loop,
                    settings,
                    disk -> Optional.ofNullable(byDisk.get(disk)).map(NodeProcess::address),
                    new PlainTransport(SocketTransport.best(), "byte-path"),
                    new Backpressure(options.unackedMiB() * (1L << 20), valve));
            int first = i;
            IntStream.iterate(first, number -> number < options.owners(), number -> number + options.loops())
                    .forEach(number -> own(loop, client, valve, disks, number));
        }
    }

    private void own(EventLoop loop, ReplicaClient client, OwnersValve valve, List<DiskId> disks, int number) {
        ByteBuf payload = PooledByteBufAllocator.DEFAULT.directBuffer(options.entryBytes());
        Random random = new Random(number);
        while (payload.isWritable()) {
            payload.writeByte(random.nextInt());
        }
        FakeOwner owner = new FakeOwner(
                client,
                valve,
                disks,
                number,
                payload,
                options.window(),
                options.rollMiB() * (1L << 20),
                confirmedBytes,
                latencies);
        owners.add(owner);
        boolean paced = options.rateMBps() > 0;
        loop.execute(() -> {
            if (paced) {
                owner.pace();
            }
            valve.add(owner);
            owner.start();
        });
        if (paced) {
            long periodNanos = options.entryBytes() * 1_000L * options.owners() / options.rateMBps();
            loop.scheduleAtFixedRate(
                    owner::arrive, periodNanos * number / options.owners(), periodNanos, TimeUnit.NANOSECONDS);
        }
    }

    private void report(String phase, int seconds) throws InterruptedException {
        latencies.reset();
        long self = ProcessHandle.current().pid();
        long bytes = confirmedBytes.get();
        double writerCpu = ProcessCpu.seconds(self);
        double nodeCpu = nodesCpu();
        long startNanos = System.nanoTime();
        TimeUnit.SECONDS.sleep(seconds);
        double gib = (confirmedBytes.get() - bytes) / (double) (1 << 30);
        double elapsed = (System.nanoTime() - startNanos) / 1e9;
        double writer = (ProcessCpu.seconds(self) - writerCpu) / gib;
        double stored = (nodesCpu() - nodeCpu) / gib;
        System.out.printf(
                Locale.ROOT,
                "%s: %.2f GiB, %.1f MB/s; CPU s/GiB: %.2f writer + %.2f storage nodes = %.2f; "
                        + "confirmed after p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms; resident MiB %d%n",
                phase,
                gib,
                gib * (1 << 30) / 1e6 / elapsed,
                writer,
                stored,
                writer + stored,
                latencies.millis(0.5),
                latencies.millis(0.99),
                latencies.millis(0.999),
                LongStream.concat(LongStream.of(self), nodes.stream().mapToLong(NodeProcess::pid))
                        .map(ProcessCpu::residentMiB)
                        .sum());
    }

    private double nodesCpu() {
        return nodes.stream()
                .mapToDouble(node -> ProcessCpu.seconds(node.pid()))
                .sum();
    }

    private void stop() {
        owners.forEach(FakeOwner::stop);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Override
    public void close() {
        nodes.forEach(NodeProcess::close);
    }
}
