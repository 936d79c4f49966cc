package io.siltstone.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.cluster.Await;
import io.siltstone.ingest.connection.KafkaServer;
import io.siltstone.ingest.connection.RequestMemory;
import io.siltstone.ingest.connection.RequestMetrics;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.wire.SocketTransport;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicIdPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadWarmUpTest {

    private static final Uuid TOPIC = Uuid.randomUuid();
    private static final long FROM = 5;
    private static final int BATCH_RECORDS = 10;

    private final SocketTransport sockets = SocketTransport.best();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, sockets.ioHandlers());
    private final BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
    private final AtomicLong bucketReads = new AtomicLong();
    private final AtomicInteger looks = new AtomicInteger();
    private final List<ReadWarmUp> warmUps = new ArrayList<>();
    private KafkaServer server;
    private volatile Errors error = Errors.NONE;
    private volatile boolean fromBucket = true;

    @BeforeEach
    void listen() {
        RequestMemory memory = new RequestMemory(1 << 20);
        server = KafkaServer.listen(
                new InetSocketAddress(0),
                sockets,
                loops,
                new ApiHandlers().register(ApiKeys.FETCH, this::answer),
                memory,
                new RequestMetrics(new SimpleMeterRegistry(), memory),
                1 << 20,
                8,
                IngestNodeConfig.SYSTEM_BUFFER);
    }

    @AfterEach
    void stop() {
        warmUps.forEach(ReadWarmUp::close);
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void readsToTheEndOfTheBucketOnce() throws Exception {
        ReadWarmUp warmUp = start(FROM + 120 * BATCH_RECORDS);

        Await.until("the warm-up is over", warmUp::isOver);
        assertThat(asked).hasSize(120).startsWith(5L, 15L, 25L).endsWith(FROM + 119L * BATCH_RECORDS);
    }

    @Test
    void stopsAfterSomeFetchesHoweverMuchThereIs() throws Exception {
        Await.until("the warm-up is over", start(Long.MAX_VALUE)::isOver);

        assertThat(asked).hasSize(ReadWarmUp.MAX_FETCHES);
    }

    @Test
    void triesAgainAndGivesUpWhereTooLittleCameFromTheBucket() throws Exception {
        fromBucket = false;

        Await.until("the warm-up is over", start(FROM + 2 * BATCH_RECORDS)::isOver);

        assertThat(asked).hasSize(2 * ReadWarmUp.MAX_ATTEMPTS);
    }

    @Test
    void triesAgainAfterAFailure() throws Exception {
        error = Errors.NOT_LEADER_OR_FOLLOWER;
        ReadWarmUp warmUp = start(FROM + 120 * BATCH_RECORDS);
        assertThat(asked.take()).isEqualTo(FROM);
        error = Errors.NONE;

        Await.until("the warm-up is over", warmUp::isOver);
        assertThat(asked).hasSizeGreaterThanOrEqualTo(120);
    }

    @Test
    void asksNothingOnceItIsClosed() throws Exception {
        ReadWarmUp warmUp = warmUp(Long.MAX_VALUE);
        warmUp.close();
        warmUp.start();

        loops.schedule(() -> {}, 50, TimeUnit.MILLISECONDS).sync(); // one loop: the look's turn was before
        assertThat(warmUp.isOver()).isTrue();
        assertThat(looks).hasValue(0);
    }

    @Test
    void whatIsInTheBucketAndMayBeReadIsReadable() {
        TopicIdPartition name = new TopicIdPartition(TOPIC, 0, "flights");
        ManifestPointer manifest = new ManifestPointer("root", "00".repeat(32), 0, 1, 20, 1_000);

        assertThat(ReadWarmUp.tiered(name, state(null, 0))).isEmpty();
        assertThat(ReadWarmUp.tiered(name, state(manifest, 20))).isEmpty();
        assertThat(ReadWarmUp.tiered(name, state(manifest, 7))).contains(new ReadWarmUp.Tiered(name, 7, 20));
    }

    private static PartitionState state(@Nullable ManifestPointer manifest, long logStart) {
        return new PartitionState(0, null, null, List.of(), manifest, logStart, 0, 0);
    }

    private ReadWarmUp start(long toOffset) {
        ReadWarmUp warmUp = warmUp(toOffset);
        warmUp.start();
        return warmUp;
    }

    private ReadWarmUp warmUp(long toOffset) {
        ReadWarmUp.Tiered tiered = new ReadWarmUp.Tiered(new TopicIdPartition(TOPIC, 0, "flights"), FROM, toOffset);
        ReadWarmUp warmUp =
                new ReadWarmUp(server.localAddress(), () -> look(tiered), bucketReads::get, loops.next(), 1);
        warmUps.add(warmUp);
        return warmUp;
    }

    private List<ReadWarmUp.Tiered> look(ReadWarmUp.Tiered tiered) {
        looks.incrementAndGet();
        return List.of(tiered);
    }

    private CompletionStage<AbstractResponse> answer(Request request) {
        FetchPartition wanted = ((FetchRequest) request.body())
                .data()
                .topics()
                .get(0)
                .partitions()
                .get(0);
        Errors now = error;
        asked.add(wanted.fetchOffset());
        if (fromBucket && now == Errors.NONE) {
            bucketReads.incrementAndGet();
        }
        SimpleRecord[] records = new SimpleRecord[BATCH_RECORDS];
        for (int i = 0; i < BATCH_RECORDS; i++) {
            records[i] = new SimpleRecord(1_000, "value".getBytes(UTF_8));
        }
        PartitionData data = new PartitionData()
                .setPartitionIndex(0)
                .setErrorCode(now.code())
                .setRecords(
                        now == Errors.NONE
                                ? MemoryRecords.withRecords(wanted.fetchOffset(), Compression.NONE, records)
                                : MemoryRecords.EMPTY);
        LinkedHashMap<TopicIdPartition, PartitionData> answer = new LinkedHashMap<>();
        answer.put(new TopicIdPartition(TOPIC, 0, "flights"), data);
        return CompletableFuture.completedFuture(FetchResponse.of(Errors.NONE, 0, 0, answer, List.of()));
    }
}
