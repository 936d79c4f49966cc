package io.siltstone.ingest.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.TooLongFrameException;
import io.siltstone.log.wire.FrameReceiveAllocator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RequestFrameDecoderTest {

    private final EmbeddedChannel channel =
            new EmbeddedChannel(new RequestFrameDecoder(1_000, new FrameReceiveAllocator()));

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void requestsAreCutWhereverTheStreamIs() {
        ByteBuf stream = Unpooled.buffer();
        for (int size : new int[] {1, 10, 300}) {
            stream.writeInt(size).writeZero(size);
        }
        while (stream.isReadable()) {
            channel.writeInbound(stream.readRetainedSlice(1));
        }
        stream.release();

        for (int size : new int[] {1, 10, 300}) {
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
}
