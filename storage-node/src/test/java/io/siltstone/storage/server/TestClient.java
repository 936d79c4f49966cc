package io.siltstone.storage.server;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** The real client of one disk, called from a test's thread. */
final class TestClient implements AutoCloseable {

    private final EventLoopGroup group =
            new MultiThreadIoEventLoopGroup(1, SocketTransport.best().ioHandlers());
    private final EventLoop loop = group.next();
    private final ReplicaClient client;
    private final DiskId disk;

    TestClient(int port) {
        this(port, TestServer.DISK, TestServer.CLUSTER);
    }

    TestClient(int port, DiskId disk, String cluster) {
        this.disk = disk;
        client = new ReplicaClient(
                loop,
                ReplicaClientSettings.withDefaults(cluster),
                wanted -> Optional.of(new DiskAddress("127.0.0.1", port)),
                new PlainTransport(SocketTransport.best(), "test"),
                new Backpressure(64 << 20, new Backpressure.Valve() {
                    @Override
                    public void close() {}

                    @Override
                    public void open() {}
                }));
    }

    /** Bytes that tell which entry they belong to. */
    static byte[] bytesOf(SegmentId segment, long entry) {
        Random random = new Random(segment.hashCode() * 31L + entry);
        byte[] bytes = new byte[random.nextInt(8_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    void listen(SegmentId segment, Replicas.AppendListener listener) {
        loop.execute(() -> client.listen(segment, listener));
    }

    void append(SegmentId segment, long first, long last) {
        loop.execute(() -> {
            for (long entry = first; entry <= last; entry++) {
                byte[] bytes = bytesOf(segment, entry);
                ByteBuf payload = PooledByteBufAllocator.DEFAULT
                        .directBuffer(bytes.length)
                        .writeBytes(bytes);
                client.append(
                        disk,
                        new EntryHeader(
                                segment,
                                entry,
                                1,
                                entry - 1,
                                entry,
                                1,
                                7,
                                EntryKind.BATCHES,
                                0,
                                0,
                                Crc32c.of(payload),
                                bytes.length),
                        payload);
                payload.release();
            }
        });
    }

    Answer<SegmentStanding> fence(SegmentId segment, int epoch) {
        return ask(answer -> client.fence(disk, segment, epoch, answer));
    }

    /** Asks and does not wait. */
    CompletableFuture<Answer<SegmentStanding>> askFence(SegmentId segment, int epoch) {
        CompletableFuture<Answer<SegmentStanding>> answer = new CompletableFuture<>();
        loop.execute(() -> client.fence(disk, segment, epoch, answer::complete));
        return answer;
    }

    Answer<SegmentStanding> stat(SegmentId segment) {
        return ask(answer -> client.stat(disk, segment, answer));
    }

    Answer<Long> delete(PartitionId partition, long below) {
        return ask(answer -> client.delete(disk, partition, below, answer));
    }

    Answer<List<Replicas.Entry>> read(SegmentId segment, long from, long last, int maxBytes) {
        return ask(answer -> client.read(disk, segment, from, last, maxBytes, answer));
    }

    /** Asks and does not wait. */
    CompletableFuture<Answer<List<Replicas.Entry>>> askRead(SegmentId segment, long from, long last, int maxBytes) {
        CompletableFuture<Answer<List<Replicas.Entry>>> answer = new CompletableFuture<>();
        loop.execute(() -> client.read(disk, segment, from, last, maxBytes, answer::complete));
        return answer;
    }

    /** Reads entries 0 to the last and compares their bytes. */
    void verify(SegmentId segment, long last) {
        long next = 0;
        while (next <= last) {
            Answer<List<Replicas.Entry>> answer = read(segment, next, last, 300_000);
            assertThat(answer).as("entry %d of %s", next, segment).isInstanceOf(Answer.Ok.class);
            List<Replicas.Entry> entries = ((Answer.Ok<List<Replicas.Entry>>) answer).value();
            assertThat(entries).isNotEmpty();
            for (Replicas.Entry entry : entries) {
                byte[] bytes = new byte[entry.payload().readableBytes()];
                entry.payload().readBytes(bytes);
                entry.payload().release();
                assertThat(entry.header().entry()).isEqualTo(next);
                assertThat(bytes).as("entry %d of %s", next, segment).isEqualTo(bytesOf(segment, next));
                next++;
            }
        }
    }

    private <T> T ask(Consumer<Consumer<T>> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        loop.execute(() -> question.accept(answer::complete));
        return answer.orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        if (group.isShuttingDown()) {
            return;
        }
        loop.submit(client::close).syncUninterruptibly();
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
