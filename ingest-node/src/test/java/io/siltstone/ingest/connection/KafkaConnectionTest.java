package io.siltstone.ingest.connection;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.siltstone.ingest.api.ApiHandlers;
import io.siltstone.log.wire.FrameReceiveAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.DeleteGroupsRequest;
import org.apache.kafka.common.requests.FetchRequest;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.HeartbeatRequest;
import org.apache.kafka.common.requests.HeartbeatResponse;
import org.apache.kafka.common.requests.ListGroupsRequest;
import org.apache.kafka.common.requests.ListGroupsResponse;
import org.apache.kafka.common.requests.MetadataRequest;
import org.apache.kafka.common.requests.MetadataResponse;
import org.apache.kafka.common.requests.ProduceRequest;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.requests.RequestHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class KafkaConnectionTest {

    private final RequestMemory memory = new RequestMemory(1 << 20);
    private final RequestMetrics metrics = new RequestMetrics(new SimpleMeterRegistry(), memory);
    private final List<EmbeddedChannel> channels = new ArrayList<>();
    private final ApiHandlers handlers = new ApiHandlers();
    private final ScarceAllocator allocator = new ScarceAllocator();
    private final FetchResponseData fetched = new FetchResponseData();
    private int throttleMs;

    KafkaConnectionTest() {
        handlers.register(
                        ApiKeys.PRODUCE,
                        request -> answer(new ProduceResponse(new ProduceResponseData().setThrottleTimeMs(throttleMs))))
                .register(ApiKeys.HEARTBEAT, request -> answer(new HeartbeatResponse(new HeartbeatResponseData())))
                .register(
                        ApiKeys.METADATA,
                        request -> answer(new MetadataResponse(
                                new MetadataResponseData(), request.header().apiVersion())))
                .register(ApiKeys.FETCH, request -> answer(FetchResponse.of(fetched)));
    }

    @AfterEach
    void close() {
        channels.forEach(EmbeddedChannel::finishAndReleaseAll);
    }

    @Test
    void othersGoOnWhileProducersWaitForMemory() {
        memory.produce().block();
        EmbeddedChannel producer = connect();
        EmbeddedChannel consumer = connect();

        send(producer, produce(), 1);
        send(consumer, heartbeat(), 2);
        send(consumer, MetadataRequest.Builder.allTopics().build(), 3);
        send(consumer, fetch(), 4);

        assertThat(answered(producer)).isEmpty();
        assertThat(answered(consumer)).containsExactly(2, 3, 4);
        assertThat(producer.config().isAutoRead()).isFalse();
        assertThat(consumer.config().isAutoRead()).isTrue();
    }

    @Test
    void connectionKeepsItsOrderBehindAProduceThatWaits() {
        memory.produce().block();
        EmbeddedChannel producer = connect();
        send(producer, produce(), 1);
        send(producer, MetadataRequest.Builder.allTopics().build(), 2);
        assertThat(answered(producer)).isEmpty();

        memory.produce().unblock();
        producer.runPendingTasks();

        assertThat(answered(producer)).containsExactly(1, 2);
        assertThat(producer.config().isAutoRead()).isTrue();
        assertThat(memory.produce().heldBytes()).isZero();
        assertThat(memory.other().heldBytes()).isZero();
    }

    @Test
    void connectionWhoseClientWasToldToWaitIsNotReadMeanwhile() {
        throttleMs = 2_000;
        EmbeddedChannel producer = connect();
        producer.freezeTime();

        send(producer, produce(), 1);
        assertThat(answered(producer)).containsExactly(1);
        producer.advanceTimeBy(1_999, TimeUnit.MILLISECONDS);
        producer.runScheduledPendingTasks();
        assertThat(producer.config().isAutoRead()).isFalse();

        producer.advanceTimeBy(1, TimeUnit.MILLISECONDS);
        producer.runScheduledPendingTasks();
        assertThat(producer.config().isAutoRead()).isTrue();
    }

    @Test
    void requestThatThereIsNoDirectMemoryForClosesItsConnectionAndHoldsNothing() {
        EmbeddedChannel producer = connect();
        allocator.failAfter(0);

        send(producer, produce(), 1);

        assertGivenUp(producer);
    }

    @Test
    void requestThatWaitedAndFindsNoDirectMemoryClosesItsConnectionAndHoldsNothing() {
        memory.produce().block();
        EmbeddedChannel producer = connect();
        send(producer, produce(), 1);
        allocator.failAfter(0);

        memory.produce().unblock();
        producer.runPendingTasks();

        assertGivenUp(producer);
    }

    @Test
    void answerThatThereIsNoDirectMemoryForClosesItsConnectionAndHoldsNothing() {
        EmbeddedChannel producer = connect();
        allocator.failAfter(1);

        send(producer, produce(), 1);

        assertGivenUp(producer);
    }

    @Test
    void requestWhoseHandlerRunsOutOfMemoryHoldsNothing() {
        handlers.register(ApiKeys.LIST_GROUPS, request -> {
            throw new Error("used up as the test wants it");
        });
        EmbeddedChannel admin = connect();

        send(admin, new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), 1);

        assertThat(answered(admin)).containsExactly(1);
        assertThat(memory.other().heldBytes()).isZero();
    }

    @Test
    void recordsOfAnAnswerThatThereIsNoDirectMemoryForAreReleased() {
        ByteBuf batch = Unpooled.directBuffer().writeZero(100);
        fetched.responses()
                .add(new FetchableTopicResponse()
                        .setTopic("topic")
                        .setPartitions(
                                List.of(new PartitionData().setRecords(new ByteBufRecords(List.of(batch), () -> {})))));
        EmbeddedChannel consumer = connect();
        allocator.failAfter(1);

        send(consumer, fetch(), 1);

        assertGivenUp(consumer);
        assertThat(batch.refCnt()).isZero();
    }

    @Test
    void connectionThatIsGivenUpAnswersWhatIsUnderWayAndServesNothingMore() {
        // given
        CompletableFuture<AbstractResponse> underWay = new CompletableFuture<>();
        handlers.register(ApiKeys.LIST_GROUPS, request -> underWay).register(ApiKeys.DELETE_GROUPS, request -> {
            request.connection().end().giveUp();
            return CompletableFuture.failedFuture(new TimeoutException("late as the test wants it"));
        });
        EmbeddedChannel producer = connect();
        send(producer, new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), 1);

        // when
        send(producer, deleteGroups(), 2);
        send(producer, heartbeat(), 3);
        producer.runPendingTasks();

        // then
        assertThat(producer.config().isAutoRead()).isFalse();
        assertThat(producer.isOpen()).isTrue();
        underWay.complete(new ListGroupsResponse(new ListGroupsResponseData()));
        producer.runPendingTasks();
        assertThat(answered(producer)).containsExactly(1, 2);
        assertThat(producer.isOpen()).isFalse();
        assertThat(memory.produce().heldBytes()).isZero();
        assertThat(memory.other().heldBytes()).isZero();
    }

    private void assertGivenUp(EmbeddedChannel channel) {
        assertThat(allocator.hasFailed()).isTrue();
        assertThat(channel.isOpen()).isFalse();
        assertThat(memory.produce().heldBytes()).isZero();
        assertThat(memory.other().heldBytes()).isZero();
    }

    @Test
    void idleConnectionIsClosedUnlessItWaitsForAnAnswer() {
        CompletableFuture<AbstractResponse> late = new CompletableFuture<>();
        handlers.register(ApiKeys.LIST_GROUPS, request -> late);
        EmbeddedChannel waiting = connect();
        EmbeddedChannel idle = connect();
        send(waiting, new ListGroupsRequest.Builder(new ListGroupsRequestData()).build(), 1);

        waiting.pipeline().fireUserEventTriggered(IdleStateEvent.READER_IDLE_STATE_EVENT);
        idle.pipeline().fireUserEventTriggered(IdleStateEvent.READER_IDLE_STATE_EVENT);

        assertThat(idle.isOpen()).isFalse();
        assertThat(waiting.isOpen()).isTrue();
        late.complete(new ListGroupsResponse(new ListGroupsResponseData()));
        waiting.runPendingTasks();
        waiting.pipeline().fireUserEventTriggered(IdleStateEvent.READER_IDLE_STATE_EVENT);
        assertThat(waiting.isOpen()).isFalse();
    }

    @Test
    void connectionWhoseClientStillTakesAnAnswerIsNotIdle() {
        EmbeddedChannel slow = connect();
        slow.write(Unpooled.wrappedBuffer(new byte[100]));
        slow.unsafe().outboundBuffer().addFlush();

        slow.pipeline().fireUserEventTriggered(IdleStateEvent.FIRST_READER_IDLE_STATE_EVENT);
        assertThat(slow.isOpen()).isTrue();
        slow.pipeline().fireUserEventTriggered(IdleStateEvent.READER_IDLE_STATE_EVENT);
        assertThat(slow.isOpen()).isFalse();
    }

    private static CompletableFuture<AbstractResponse> answer(AbstractResponse response) {
        return CompletableFuture.completedFuture(response);
    }

    private EmbeddedChannel connect() {
        RequestFrameDecoder decoder = new RequestFrameDecoder(1 << 20, new FrameReceiveAllocator(), memory);
        EmbeddedChannel channel =
                new EmbeddedChannel(decoder, new KafkaConnection(handlers, memory, decoder::isWaiting, metrics, 64)) {
                    @Override
                    protected SocketAddress remoteAddress0() {
                        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
                    }
                };
        channel.config().setAllocator(allocator);
        channels.add(channel);
        return channel;
    }

    private static void send(EmbeddedChannel channel, AbstractRequest request, int correlationId) {
        ByteBuffer bytes = request.serializeWithHeader(
                new RequestHeader(request.apiKey(), request.version(), "test", correlationId));
        channel.writeInbound(Unpooled.buffer().writeInt(bytes.remaining()).writeBytes(bytes));
    }

    /** Correlation ids of the answers that have come, in their order. */
    private static List<Integer> answered(EmbeddedChannel channel) {
        ByteBuf stream = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            stream.writeBytes(part);
            part.release();
        }
        List<Integer> ids = new ArrayList<>();
        while (stream.isReadable()) {
            int length = stream.readInt();
            ids.add(stream.getInt(stream.readerIndex()));
            stream.skipBytes(length);
        }
        return ids;
    }

    private static AbstractRequest produce() {
        ProduceRequestData data = new ProduceRequestData().setAcks((short) -1).setTimeoutMs(1_000);
        MemoryRecords records =
                MemoryRecords.withRecords(Compression.NONE, new SimpleRecord(1_000, "value".getBytes(UTF_8)));
        data.topicData()
                .add(new ProduceRequestData.TopicProduceData()
                        .setName("topic")
                        .setPartitionData(List.of(new ProduceRequestData.PartitionProduceData()
                                .setIndex(0)
                                .setRecords(records))));
        return new ProduceRequest.Builder((short) 9, (short) 9, data).build((short) 9);
    }

    private static AbstractRequest deleteGroups() {
        return new DeleteGroupsRequest.Builder(new DeleteGroupsRequestData().setGroupsNames(List.of("group"))).build();
    }

    private static AbstractRequest heartbeat() {
        return new HeartbeatRequest.Builder(
                        new HeartbeatRequestData().setGroupId("group").setMemberId("member"))
                .build();
    }

    private static AbstractRequest fetch() {
        return FetchRequest.Builder.forConsumer((short) 12, 500, 1, new HashMap<>())
                .build((short) 12);
    }
}
