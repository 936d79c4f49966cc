package io.siltstone.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.ingest.api.Request;
import io.siltstone.ingest.connection.KafkaServer;
import io.siltstone.ingest.connection.RequestMemory;
import io.siltstone.ingest.connection.RequestMetrics;
import io.siltstone.log.wire.SocketTransport;
import java.net.InetAddress;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReadWarmUpTest {

    private static final Uuid TOPIC = Uuid.randomUuid();
    private static final int BATCH_RECORDS = 10;

    private final SocketTransport sockets = SocketTransport.best();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, sockets.ioHandlers());
    private final BlockingQueue<Long> asked = new LinkedBlockingQueue<>();
    private final AtomicInteger looks = new AtomicInteger();
    private final List<ReadWarmUp> started = new ArrayList<>();
    private KafkaServer server;
    private volatile Errors error = Errors.NONE;

    @BeforeEach
    void listen() {
        RequestMemory memory = new RequestMemory(1 << 20);
        server = KafkaServer.listen(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
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
        started.forEach(ReadWarmUp::close);
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void readsToTheEndOfTheBucketOnce() throws Exception {
        start(35);

        assertThat(nextAsked()).isEqualTo(5);
        assertThat(nextAsked()).isEqualTo(15);
        assertThat(nextAsked()).isEqualTo(25);
        int seen = looks.get();
        assertThat(asked.poll(2_500, TimeUnit.MILLISECONDS)).isNull();
        assertThat(looks.get()).isEqualTo(seen);
    }

    @Test
    void asksAgainWhereNothingCouldBeRead() throws Exception {
        error = Errors.NOT_LEADER_OR_FOLLOWER;
        start(15);

        assertThat(nextAsked()).isEqualTo(5);
        error = Errors.NONE;
        assertThat(nextAsked()).isEqualTo(5);
    }

    @Test
    void stopsAfterSomeFetchesHoweverMuchThereIs() throws Exception {
        start(Long.MAX_VALUE);

        int fetches = 0;
        while (asked.poll(2, TimeUnit.SECONDS) != null) {
            fetches++;
        }
        assertThat(fetches).isEqualTo(500);
    }

    private void start(long toOffset) {
        ReadWarmUp.Tiered tiered = new ReadWarmUp.Tiered(new TopicIdPartition(TOPIC, 0, "flights"), 5, toOffset);
        started.add(ReadWarmUp.start(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port()),
                () -> {
                    looks.incrementAndGet();
                    return List.of(tiered);
                },
                loops.next()));
    }

    private Long nextAsked() throws InterruptedException {
        return asked.poll(10, TimeUnit.SECONDS);
    }

    private CompletionStage<AbstractResponse> answer(Request request) {
        FetchPartition wanted = ((FetchRequest) request.body())
                .data()
                .topics()
                .get(0)
                .partitions()
                .get(0);
        asked.add(wanted.fetchOffset());
        SimpleRecord[] records = new SimpleRecord[BATCH_RECORDS];
        for (int i = 0; i < BATCH_RECORDS; i++) {
            records[i] = new SimpleRecord(1_000, "value".getBytes(UTF_8));
        }
        PartitionData data = new PartitionData()
                .setPartitionIndex(0)
                .setErrorCode(error.code())
                .setRecords(
                        error == Errors.NONE
                                ? MemoryRecords.withRecords(wanted.fetchOffset(), Compression.NONE, records)
                                : MemoryRecords.EMPTY);
        LinkedHashMap<TopicIdPartition, PartitionData> answer = new LinkedHashMap<>();
        answer.put(new TopicIdPartition(TOPIC, 0, "flights"), data);
        return CompletableFuture.completedFuture(FetchResponse.of(Errors.NONE, 0, 0, answer, List.of()));
    }
}
