package io.siltstone.log.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.Crc32c;
import io.siltstone.log.wire.SocketTransport;
import io.siltstone.log.wire.proto.Code;
import io.siltstone.log.writer.Replicas.Answer;
import io.siltstone.log.writer.Replicas.AppendListener;
import io.siltstone.log.writer.Replicas.Entry;
import io.siltstone.log.writer.Replicas.Refusal;
import io.siltstone.log.writer.Replicas.SegmentStanding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ReplicaClientTest {

    private static final List<String> LEAKS = new CopyOnWriteArrayList<>();
    private static final SegmentId SEGMENT = segment(1);
    private static final SegmentId OTHER = segment(2);
    private static final ReplicaClientSettings SETTINGS =
            new ReplicaClientSettings("cluster", 64 << 10, 0, 1 << 20, 400, 400, 10, 40);

    private final MultiThreadIoEventLoopGroup loops =
            new MultiThreadIoEventLoopGroup(2, SocketTransport.best().ioHandlers());
    private final EventLoop loop = loops.next();
    private final Map<DiskId, DiskAddress> addresses = new ConcurrentHashMap<>();
    private final List<FakeStorageNode> nodes = new ArrayList<>();
    private final Heard heard = new Heard();
    private final List<String> valve = new CopyOnWriteArrayList<>();
    private final Backpressure backpressure = new Backpressure(600_000, new Backpressure.Valve() {
        @Override
        public void close() {
            valve.add("closed");
        }

        @Override
        public void open() {
            valve.add("opened");
        }
    });
    private ReplicaClient client = client(SETTINGS);
    private final List<ByteBuf> payloads = new CopyOnWriteArrayList<>();
    private final Map<SegmentId, Long> nextEntries = new HashMap<>();

    private FakeStorageNode node;

    @BeforeAll
    static void watchForLeaks() {
        ByteBufUtil.setLeakListener((resource, records) -> LEAKS.add(records));
    }

    @AfterAll
    static void nothingLeaks() {
        System.gc();
        // The detector looks for buffers that were collected unreleased when it tracks another.
        for (int i = 0; i < 1000; i++) {
            PooledByteBufAllocator.DEFAULT.directBuffer(16).release();
        }
        ByteBufUtil.setLeakListener(null);
        assertThat(LEAKS).isEmpty();
    }

    @BeforeEach
    void start() {
        node = node();
        onLoop(() -> client.listen(SEGMENT, heard.of(SEGMENT)));
        onLoop(() -> client.listen(OTHER, heard.of(OTHER)));
    }

    @AfterEach
    void everythingIsReleased() {
        onLoop(client::close);
        nodes.forEach(FakeStorageNode::close);
        loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
        assertThat(payloads).allSatisfy(payload -> assertThat(payload.refCnt()).isZero());
        assertThat(backpressure.pinnedBytes()).isZero();
    }

    @Test
    void acknowledgesWhatTheDiskHasTaken() {
        onLoop(() -> {
            append(SEGMENT, 1000);
            append(SEGMENT, 0);
            append(SEGMENT, 200_000);
        });

        await(() -> heard.acknowledged(SEGMENT) == 2);
        assertThat(node.entries(SEGMENT)).containsExactly(0L, 1L, 2L);
        assertThat(node.payload(SEGMENT, 2).size()).isEqualTo(200_000);
    }

    @Test
    void findsANodeByItsName() {
        addresses.put(node.disk, new DiskAddress("localhost", node.port));

        onLoop(() -> append(SEGMENT, 10));

        await(() -> heard.acknowledged(SEGMENT) == 0);
    }

    @Test
    void writerThatFailsOnAnAnswerFailsAlone() {
        SegmentId broken = segment(3);
        onLoop(() -> {
            client.listen(broken, new BrokenListener());
            append(broken, 10);
            append(OTHER, 10);
        });
        await(() -> heard.acknowledged(OTHER) == 0);
        onLoop(() -> {
            append(broken, 10);
            append(OTHER, 10);
        });

        await(() -> heard.acknowledged(OTHER) == 1);
        assertThat(node.connections()).isOne();
        assertThat(node.entries(broken)).containsExactly(0L);
    }

    @Test
    void appendsOfOneLoopIterationShareAFrame() {
        onLoop(() -> append(SEGMENT, 10));
        await(() -> heard.acknowledged(SEGMENT) == 0);

        onLoop(() -> {
            append(SEGMENT, 10);
            append(OTHER, 10);
            append(SEGMENT, 10);
        });

        await(() -> heard.acknowledged(SEGMENT) == 2 && heard.acknowledged(OTHER) == 0);
        assertThat(node.frames).containsExactly(1, 3);
    }

    @Test
    void framesAreNoLargerThanTheLimit() {
        onLoop(() -> append(SEGMENT, 10));
        await(() -> heard.acknowledged(SEGMENT) == 0);

        onLoop(() -> {
            for (int i = 0; i < 5; i++) {
                append(SEGMENT, 30 << 10);
            }
        });

        await(() -> heard.acknowledged(SEGMENT) == 5);
        assertThat(node.frames).containsExactly(1, 2, 2, 1);
    }

    @Test
    void waitsForCompanyOnlyWhileAFrameIsInFlight() {
        onLoop(client::close);
        onLoop(() -> {
            client = client(SETTINGS.withLingerMicros(1000));
            client.listen(SEGMENT, heard.of(SEGMENT));
            append(SEGMENT, 10);
        });
        await(() -> heard.acknowledged(SEGMENT) == 0);

        node.holdsAcks = true;
        onLoop(() -> append(SEGMENT, 10));
        await(() -> node.frames.size() == 2);
        onLoop(() -> append(SEGMENT, 10));
        await(() -> node.frames.size() == 3);
        assertThat(node.entries(SEGMENT)).containsExactly(0L, 1L, 2L);
    }

    @Test
    void onePayloadGoesToAllReplicas() {
        FakeStorageNode second = node();
        FakeStorageNode third = node();
        onLoop(() -> {
            ByteBuf payload = payload(5000);
            EntryHeader header = header(SEGMENT, payload);
            client.append(node.disk, header, payload);
            client.append(second.disk, header, payload);
            client.append(third.disk, header, payload);
            payload.release();
        });

        await(() -> heard.acknowledged.size() == 3);
        assertThat(third.payload(SEGMENT, 0)).isEqualTo(node.payload(SEGMENT, 0));
    }

    @Test
    void tellsWhichSegmentIsRefusedAndGoesOnWithTheOthers() {
        onLoop(() -> {
            append(SEGMENT, 10);
            append(OTHER, 10);
        });
        await(() -> heard.acknowledged(SEGMENT) == 0 && heard.acknowledged(OTHER) == 0);

        node.refuse(SEGMENT, Code.BUSY);
        onLoop(() -> {
            append(SEGMENT, 10);
            append(OTHER, 10);
            append(SEGMENT, 10);
        });
        await(() -> heard.events.contains("refused BUSY") && heard.acknowledged(OTHER) == 1);
        onLoop(() -> append(SEGMENT, 10));

        assertThat(heard.acknowledged(SEGMENT)).isZero();
        assertThat(heard.events).containsOnlyOnce("refused BUSY");
        assertThat(onLoop(() -> client.unackedBytes(node.disk))).isZero();
    }

    @Test
    void hearsOfAFenceWithoutAsking() {
        onLoop(() -> append(SEGMENT, 10));
        await(() -> heard.acknowledged(SEGMENT) == 0);

        node.pushFenced(SEGMENT);

        await(() -> heard.events.contains("refused FENCED"));
    }

    @Test
    void brokenConnectionLosesOnlyTheSegmentsWithUnacknowledgedEntries() {
        onLoop(() -> {
            append(SEGMENT, 10);
            append(OTHER, 10);
        });
        await(() -> heard.acknowledged(SEGMENT) == 0 && heard.acknowledged(OTHER) == 0);
        node.holdsAcks = true;
        onLoop(() -> append(SEGMENT, 10));
        await(() -> node.entries(SEGMENT).size() == 2);

        node.dropConnections();
        await(() -> heard.events.contains("lost"));
        node.holdsAcks = false;
        onLoop(() -> append(OTHER, 10));
        onLoop(() -> append(SEGMENT, 10));

        // the other goes on over a new connection, the lost one is silent for good
        await(() -> heard.acknowledged(OTHER) == 1);
        assertThat(node.connections()).isEqualTo(2);
        assertThat(heard.events).containsExactly("lost");
        assertThat(node.entries(SEGMENT)).hasSize(2);
    }

    @Test
    void appendsToANodeThatIsNotThereAreLost() {
        node.close();

        onLoop(() -> append(SEGMENT, 10));

        await(() -> heard.events.contains("lost"));
    }

    @Test
    void comesBackWhenTheNodeDoes() {
        node.close();
        onLoop(() -> append(SEGMENT, 10));
        await(() -> heard.events.contains("lost"));

        FakeStorageNode back = new FakeStorageNode(loops, node.disk, node.port);
        nodes.add(back);
        onLoop(() -> append(OTHER, 10));

        await(() -> heard.acknowledged(OTHER) == 0);
    }

    @Test
    void givesUpADiskThatAcknowledgesNothing() {
        node.holdsAcks = true;

        onLoop(() -> append(SEGMENT, 10));

        await(() -> heard.events.contains("lost"));
    }

    @Test
    void givesUpANodeThatNeverSaysHello() {
        node.greets = false;

        onLoop(() -> append(SEGMENT, 10));

        await(() -> heard.events.contains("lost"));
    }

    @Test
    void givesUpADiskPastItsBoundOfUnacknowledgedBytes() {
        node.holdsAcks = true;
        onLoop(() -> {
            for (int i = 0; i < 11; i++) {
                append(SEGMENT, 100_000);
            }
        });

        await(() -> heard.events.contains("lost"));
        assertThat(onLoop(() -> client.unackedBytes(node.disk))).isZero();
        assertThat(valve).containsExactly("closed", "opened");
    }

    @Test
    void closesTheValveWhileTooMuchIsUnacknowledgedAndOpensItAgain() {
        onLoop(() -> {
            for (int i = 0; i < 8; i++) {
                append(SEGMENT, 100_000);
            }
        });

        await(() -> heard.acknowledged(SEGMENT) == 7);
        assertThat(valve).containsExactly("closed", "opened");
    }

    @Test
    void dropsWhatWaitsOfAnAbandonedSegment() {
        onLoop(() -> {
            append(SEGMENT, 10);
            append(OTHER, 10);
            append(SEGMENT, 10);
            client.abandon(node.disk, SEGMENT);
            append(SEGMENT, 10);
        });

        await(() -> heard.acknowledged(OTHER) == 0);
        assertThat(node.entries(SEGMENT)).isEmpty();
    }

    @Test
    void tellsNothingOfAForgottenSegment() {
        onLoop(() -> append(SEGMENT, 10));
        await(() -> heard.acknowledged(SEGMENT) == 0);
        node.holdsAcks = true;
        onLoop(() -> append(SEGMENT, 10));
        await(() -> node.entries(SEGMENT).size() == 2);

        onLoop(() -> client.forget(SEGMENT));
        node.dropConnections();

        await(() -> !onLoop(() -> client.isConnected(node.disk)));
        onLoop(() -> {});
        assertThat(heard.events).isEmpty();
    }

    @Test
    void fencesAndTellsWhereTheSegmentStands() {
        onLoop(() -> append(SEGMENT, 10));
        await(() -> heard.acknowledged(SEGMENT) == 0);

        assertThat(this.<SegmentStanding>ask(answer -> client.stat(node.disk, SEGMENT, answer)))
                .isEqualTo(new Answer.Ok<>(new SegmentStanding(false, 0, -1, 1, -1)));
        assertThat(this.<SegmentStanding>ask(answer -> client.fence(node.disk, SEGMENT, 9, answer)))
                .isEqualTo(new Answer.Ok<>(new SegmentStanding(true, 0, -1, 1, -1)));
        assertThat(this.<SegmentStanding>ask(answer -> client.stat(node.disk, SEGMENT, answer)))
                .isEqualTo(new Answer.Ok<>(new SegmentStanding(true, 0, -1, 1, -1)));
        assertThat(this.<SegmentStanding>ask(answer -> client.stat(node.disk, OTHER, answer)))
                .isEqualTo(new Answer.Ok<>(new SegmentStanding(false, -1, -1, 0, -1)));
    }

    @Test
    void readsEntriesAndCopiesThemToAnotherDisk() {
        FakeStorageNode second = node();
        onLoop(() -> {
            for (int i = 0; i < 4; i++) {
                append(SEGMENT, 100 + i);
            }
        });
        await(() -> heard.acknowledged(SEGMENT) == 3);

        List<Entry> entries = ok(this.<List<Entry>>ask(answer -> client.read(node.disk, SEGMENT, 1, 3, 210, answer)));
        assertThat(entries).extracting(entry -> entry.header().entry()).containsExactly(1L, 2L);
        Answer<SegmentStanding> copied =
                this.<SegmentStanding>ask(answer -> client.recoveryAppend(second.disk, 9, entries, answer));
        entries.forEach(entry -> entry.payload().release());

        assertThat(ok(copied).lastEntry()).isEqualTo(2);
        assertThat(second.payload(SEGMENT, 2)).isEqualTo(node.payload(SEGMENT, 2));
        assertThat(entries)
                .allSatisfy(entry -> assertThat(entry.payload().refCnt()).isZero());
    }

    @Test
    void bytesThatArriveCorruptAreNoAnswer() {
        onLoop(() -> append(SEGMENT, 100));
        await(() -> heard.acknowledged(SEGMENT) == 0);
        node.corrupts = true;

        Answer<List<Entry>> answer =
                this.<List<Entry>>ask(receiver -> client.read(node.disk, SEGMENT, 0, 0, 1000, receiver));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.Failed.class, failed -> assertThat(failed.why()).contains("CRC32C"));
    }

    @Test
    void segmentThatTheDiskLacksCannotBeReadThere() {
        assertThat(this.<List<Entry>>ask(receiver -> client.read(node.disk, SEGMENT, 0, 0, 1000, receiver)))
                .isInstanceOf(Answer.Unknown.class);
    }

    @Test
    void requestWithoutReplyFails() {
        node.answersRequests = false;

        assertThat(this.<SegmentStanding>ask(answer -> client.stat(node.disk, SEGMENT, answer)))
                .isInstanceOf(Answer.Failed.class);
    }

    @Test
    void requestFailsWhenTheLinkBreaks() {
        node.answersRequests = false;
        CompletableFuture<Answer<SegmentStanding>> pending = new CompletableFuture<>();
        onLoop(() -> client.stat(node.disk, SEGMENT, pending::complete));
        await(() -> onLoop(() -> client.isConnected(node.disk)));

        node.dropConnections();

        assertThat(pending.join()).isInstanceOf(Answer.Failed.class);
    }

    @Test
    void anotherDiskAtTheAddressMakesEverythingUnknown() {
        DiskId wiped = new DiskId(UUID.randomUUID());
        addresses.put(wiped, node.address());

        assertThat(this.<SegmentStanding>ask(answer -> client.fence(wiped, SEGMENT, 3, answer)))
                .isInstanceOf(Answer.Unknown.class);
        onLoop(() -> {
            ByteBuf payload = payload(10);
            client.append(wiped, header(SEGMENT, payload), payload);
            payload.release();
        });
        await(() -> heard.events.contains("refused UNUSABLE"));
    }

    @Test
    void diskThatIsRegisteredNowhereFails() {
        DiskId nowhere = new DiskId(UUID.randomUUID());

        assertThat(this.<SegmentStanding>ask(answer -> client.stat(nowhere, SEGMENT, answer)))
                .isInstanceOf(Answer.Failed.class);
    }

    @Test
    void servesCallersWithoutALoop() {
        onLoop(() -> append(SEGMENT, 10));
        await(() -> heard.acknowledged(SEGMENT) == 0);
        try (StorageNodeClient admin = new StorageNodeClient(
                loops.next(), SETTINGS, disk -> Optional.ofNullable(addresses.get(disk)), transport())) {
            assertThat(ok(admin.list(node.disk, null).join()))
                    .extracting(SegmentReport::segment)
                    .containsExactly(SEGMENT);
            assertThat(ok(admin.status(node.disk).join())).isEqualTo(new DiskReport(node.disk, 0, 0, 1000, 0));
            assertThat(ok(admin.delete(node.disk, SEGMENT.partition(), 5).join()))
                    .isEqualTo(5);
            assertThat(ok(admin.list(node.disk, null).join())).isEmpty();
        }
    }

    private FakeStorageNode node() {
        FakeStorageNode created = new FakeStorageNode(loops, new DiskId(UUID.randomUUID()));
        nodes.add(created);
        addresses.put(created.disk, created.address());
        return created;
    }

    private ReplicaClient client(ReplicaClientSettings settings) {
        return new ReplicaClient(
                loop, settings, disk -> Optional.ofNullable(addresses.get(disk)), transport(), backpressure);
    }

    private static Transport transport() {
        return new PlainTransport(SocketTransport.best(), "test");
    }

    private void append(SegmentId segment, int length) {
        ByteBuf payload = payload(length);
        client.append(node.disk, header(segment, payload), payload);
        payload.release();
    }

    private ByteBuf payload(int length) {
        ByteBuf payload = PooledByteBufAllocator.DEFAULT.directBuffer(length);
        for (int i = 0; i < length; i++) {
            payload.writeByte(i * 31);
        }
        payloads.add(payload);
        return payload;
    }

    private EntryHeader header(SegmentId segment, ByteBuf payload) {
        long entry = nextEntries.merge(segment, 0L, (last, zero) -> last + 1);
        return new EntryHeader(
                segment,
                entry,
                1,
                -1,
                entry,
                1,
                0,
                EntryKind.BATCHES,
                0,
                0,
                Crc32c.of(payload),
                payload.readableBytes());
    }

    private static SegmentId segment(int number) {
        return new SegmentId(new PartitionId(new UUID(1, 2), 3), number);
    }

    private void onLoop(Runnable action) {
        loop.submit(action).syncUninterruptibly();
    }

    private <T> T onLoop(Callable<T> action) {
        return loop.submit(action).syncUninterruptibly().getNow();
    }

    private <T> Answer<T> ask(Consumer<Consumer<Answer<T>>> question) {
        CompletableFuture<Answer<T>> answer = new CompletableFuture<>();
        onLoop(() -> question.accept(answer::complete));
        return answer.join();
    }

    private static <T> T ok(Answer<T> answer) {
        assertThat(answer).isInstanceOf(Answer.Ok.class);
        return ((Answer.Ok<T>) answer).value();
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited long enough").isLessThan(deadline);
            LockSupport.parkNanos(500_000);
        }
    }

    private static final class BrokenListener implements AppendListener {
        @Override
        public void acknowledged(DiskId disk, long lastEntry) {
            throw new IllegalStateException("broken on purpose");
        }

        @Override
        public void refused(DiskId disk, Refusal why) {}

        @Override
        public void linkLost(DiskId disk, String why) {}
    }

    /** What the client told. Thread-safe, for the test reads it from outside of the loop. */
    private final class Heard {
        final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
        final List<String> events = new CopyOnWriteArrayList<>();

        AppendListener of(SegmentId segment) {
            return new AppendListener() {
                @Override
                public void acknowledged(DiskId disk, long lastEntry) {
                    acknowledged.put(segment + " on " + disk, lastEntry);
                }

                @Override
                public void refused(DiskId disk, Refusal why) {
                    events.add("refused " + why);
                }

                @Override
                public void linkLost(DiskId disk, String why) {
                    events.add("lost");
                }
            };
        }

        long acknowledged(SegmentId segment) {
            return acknowledged.getOrDefault(segment + " on " + node.disk, -1L);
        }
    }
}
