package io.siltstone.benchmarks.restart;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.client.Backpressure;
import io.siltstone.log.client.DiskAddress;
import io.siltstone.log.client.PlainTransport;
import io.siltstone.log.client.ReplicaClient;
import io.siltstone.log.client.ReplicaClientSettings;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.AppendListener;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Replicas.Refusal;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * Fills a storage node over its own protocol, kills it, starts it again, and tells the time until it answers a read and
 * the heap that it keeps. Run as {@code Restart FOLDER ENTRIES PAYLOAD-BYTES SEGMENTS}; the folder is left behind.
 */
public final class Restart implements AutoCloseable {

    private static final long IN_FLIGHT_BYTES = 8 << 20;

    private final Path folder;
    private final long entries;
    private final int payloadBytes;
    private final int segments;
    private final EventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(1, SocketTransport.best().ioHandlers());
    private final EventLoop loop = loops.next();

    private Restart(Path folder, long entries, int payloadBytes, int segments) {
        this.folder = folder;
        this.entries = entries;
        this.payloadBytes = payloadBytes;
        this.segments = segments;
    }

    /** Prints one line per step. */
    public static void main(String[] arguments) throws Exception {
        try (Restart restart = new Restart(
                Path.of(arguments[0]),
                Long.parseLong(arguments[1]),
                Integer.parseInt(arguments[2]),
                Integer.parseInt(arguments[3]))) {
            restart.run();
        }
    }

    private void run() throws IOException, InterruptedException, ExecutionException {
        Node node = new Node(folder);
        long emptyHeap = node.heapBytes();
        long start = System.nanoTime();
        CompletableFuture<Void> written = new CompletableFuture<>();
        Writer writer = new Writer(client(node.port), written);
        loop.execute(writer::fill);
        written.get();
        long heap = node.heapBytes();
        print("wrote %d entries of %d bytes to %d segments in %.1f s", entries, payloadBytes, segments, since(start));
        print("heap: %.1f bytes per entry above an empty node", (heap - emptyHeap) / (double) entries);
        node.kill();
        print("on the disk: %.2f GiB", diskBytes() / (double) (1L << 30));

        start = System.nanoTime();
        node = new Node(folder);
        double serving = since(start);
        ReplicaClient client = client(node.port);
        CompletableFuture<Answer<List<Entry>>> read = new CompletableFuture<>();
        SegmentId last = segment((int) ((entries - 1) % segments));
        loop.execute(() -> client.read(RestartNode.DISK, last, (entries - 1) / segments, Long.MAX_VALUE, 1, answer -> {
            read.complete(answer);
        }));
        Answer<List<Entry>> answer = read.get();
        print("killed and started again: serves after %.2f s, has read after %.2f s", serving, since(start));
        if (!(answer instanceof Answer.Ok<List<Entry>> ok) || ok.value().size() != 1) {
            throw new IOException("the last entry came back as " + answer);
        }
        ok.value().forEach(entry -> entry.payload().release());
        print("heap: %.1f bytes per entry above an empty node", (node.heapBytes() - emptyHeap) / (double) entries);
        node.kill();
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private static double since(long startNanos) {
        return (System.nanoTime() - startNanos) / 1e9;
    }

    private long diskBytes() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private ReplicaClient client(int port) {
        return new ReplicaClient(
                loop,
                ReplicaClientSettings.withDefaults(RestartNode.CLUSTER_ID),
                disk -> Optional.of(new DiskAddress("127.0.0.1", port)),
                new PlainTransport(SocketTransport.best(), "benchmark"),
                new Backpressure(4 * IN_FLIGHT_BYTES, new Backpressure.Valve() {
                    @Override
                    public void close() {}

                    @Override
                    public void open() {}
                }));
    }

    /** Segments are of as many partitions as there are, as where many topics are written. */
    private static SegmentId segment(int number) {
        return new SegmentId(new PartitionId(new UUID(7, 7), number), 0);
    }

    @Override
    public void close() {
        loops.shutdownGracefully().syncUninterruptibly();
    }

    /** Appends to all segments in turn. Confined to the loop. */
    private final class Writer {
        private final ReplicaClient client;
        private final CompletableFuture<Void> written;
        private final ByteBuf payload;
        private final int crc;
        private final long window = Math.max(1, IN_FLIGHT_BYTES / (payloadBytes + 200));
        private long next;
        private long acknowledged;

        Writer(ReplicaClient client, CompletableFuture<Void> written) {
            this.client = client;
            this.written = written;
            byte[] bytes = new byte[payloadBytes];
            new Random(1).nextBytes(bytes);
            payload = PooledByteBufAllocator.DEFAULT.directBuffer(payloadBytes).writeBytes(bytes);
            crc = Crc32c.of(payload);
        }

        void fill() {
            while (next < entries && next - acknowledged < window) {
                SegmentId segment = segment((int) (next % segments));
                long entry = next / segments;
                if (entry == 0) {
                    client.listen(segment, new Segment());
                }
                client.append(
                        RestartNode.DISK,
                        new EntryHeader(
                                segment,
                                entry,
                                1,
                                entry - 1,
                                entry,
                                1,
                                System.currentTimeMillis(),
                                EntryKind.BATCHES,
                                0,
                                0,
                                crc,
                                payloadBytes),
                        payload);
                next++;
            }
        }

        /** Counts what one segment was told. */
        private final class Segment implements AppendListener {
            private long last = -1;

            @Override
            public void acknowledged(DiskId disk, long lastEntry) {
                acknowledged += lastEntry - last;
                last = lastEntry;
                if (acknowledged == entries) {
                    written.complete(null);
                } else if (next - acknowledged < window / 2) {
                    fill();
                }
            }

            @Override
            public void refused(DiskId disk, Refusal why) {
                written.completeExceptionally(new IOException("refused: " + why));
            }

            @Override
            public void linkLost(DiskId disk, String why) {
                written.completeExceptionally(new IOException("link lost: " + why));
            }
        }
    }

    /** The node's process. */
    private static final class Node {
        private final Process process;
        private final BufferedReader output;
        private final int port;

        Node(Path folder) throws IOException {
            process = new ProcessBuilder(
                            ProcessHandle.current().info().command().orElse("java"),
                            "-Xmx1g",
                            "-XX:+UseParallelGC",
                            "--enable-native-access=ALL-UNNAMED",
                            "-cp",
                            System.getProperty("java.class.path"),
                            RestartNode.class.getName(),
                            folder.toString())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            output = process.inputReader(StandardCharsets.UTF_8);
            port = (int) number("PORT ");
        }

        private long number(String name) throws IOException {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(name)) {
                    return Long.parseLong(line.substring(name.length()));
                }
                System.out.println(line);
            }
            throw new IOException("the node ended");
        }

        long heapBytes() throws IOException {
            process.getOutputStream().write('\n');
            process.getOutputStream().flush();
            return number("HEAP ");
        }

        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }
    }
}
