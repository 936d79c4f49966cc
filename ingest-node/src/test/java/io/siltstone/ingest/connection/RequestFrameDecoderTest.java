package io.siltstone.ingest.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.siltstone.log.wire.FrameReceiveAllocator;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestFrameDecoderTest {

    private final RequestMemory memory = new RequestMemory(1_000);
    private final EmbeddedChannel channel =
            new EmbeddedChannel(new RequestFrameDecoder(1_000, new FrameReceiveAllocator(), memory));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void requestsAreCutWhereverTheStreamIs() {
        ByteBuf stream = Unpooled.buffer();
        for (int size : new int[] {8, 10, 300}) {
            stream.writeInt(size).writeZero(size);
        }
        while (stream.isReadable()) {
            channel.writeInbound(stream.readRetainedSlice(1));
        }
        stream.release();

        for (int size : new int[] {8, 10, 300}) {
            ByteBuf request = channel.readInbound();
            assertThat(request.readableBytes()).isEqualTo(size);
            assertThat(request.capacity()).isEqualTo(size);
            request.release();
        }
    }

    @Test
    void tooLargeARequestBreaksTheConnection() {
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.buffer().writeInt(1_001)))
                .isInstanceOf(TooLongFrameException.class)
                .hasMessageContaining("1001");
        assertThat(channel.inboundMessages()).isEmpty();
    }

    @Test
    void negativeLengthBreaksTheConnection() {
        assertThatThrownBy(() -> channel.writeInbound(Unpooled.buffer().writeInt(-5)))
                .isInstanceOf(TooLongFrameException.class);
    }

    @Test
    void produceRequestWaitsForMemoryWithEverythingBehindIt() {
        memory.produce().block();
        channel.writeInbound(Unpooled.wrappedBuffer(
                request(ApiKeys.METADATA, 100, 1),
                request(ApiKeys.PRODUCE, 200, 2),
                request(ApiKeys.METADATA, 300, 3)));
        assertThat(sizes()).containsExactly(100);

        memory.produce().unblock();
        channel.runPendingTasks();

        assertThat(sizes()).containsExactly(200, 300);
    }

    @Test
    void requestCountsAgainstItsBudgetFromItsFirstBytesOn() {
        ByteBuf request = request(ApiKeys.PRODUCE, 500, 1);
        channel.writeInbound(request.readRetainedSlice(10));
        request.release();

        assertThat(memory.produce().heldBytes()).isEqualTo(500);
        assertThat(memory.other().heldBytes()).isZero();
    }

    @Test
    void halfARequestGivesItsMemoryBackWhenTheConnectionEnds() {
        ByteBuf request = request(ApiKeys.PRODUCE, 500, 1);
        channel.writeInbound(request.readRetainedSlice(10));
        request.release();
        channel.close();

        assertThat(memory.produce().heldBytes()).isZero();
    }

    @Test
    void connectionThatEndsWhileItWaitsTakesNothing() {
        memory.produce().block();
        channel.writeInbound(request(ApiKeys.PRODUCE, 500, 1));
        channel.close();

        memory.produce().unblock();
        channel.runPendingTasks();

        assertThat(memory.produce().heldBytes()).isZero();
        assertThat(sizes()).isEmpty();
    }

    @Test
    void smallRequestsOfOtherKindsNeverWait() {
        memory.other().block();
        channel.writeInbound(request(ApiKeys.HEARTBEAT, 300, 1));

        assertThat(sizes()).containsExactly(300);
    }

    private List<Integer> sizes() {
        List<Integer> sizes = new ArrayList<>();
        for (ByteBuf request = channel.readInbound(); request != null; request = channel.readInbound()) {
            sizes.add(request.readableBytes());
            request.release();
        }
        return sizes;
    }

    private static ByteBuf request(ApiKeys api, int size, int correlationId) {
        return Unpooled.buffer()
                .writeInt(size)
                .writeShort(api.id)
                .writeShort(0)
                .writeInt(correlationId)
                .writeZero(size - 8);
    }
}
