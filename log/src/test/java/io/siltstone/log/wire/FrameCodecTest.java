package io.siltstone.log.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.EncoderException;
import io.siltstone.log.wire.proto.Append;
import io.siltstone.log.wire.proto.Request;
import io.siltstone.log.wire.proto.Status;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FrameCodecTest {

    private final Random random = new Random(7);
    private EmbeddedChannel channel;

    @BeforeEach
    void open() {
        channel = new EmbeddedChannel();
        channel.config().setAllocator(PooledByteBufAllocator.DEFAULT);
        FramePipeline.install(channel, Request.parser());
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void cutsFramesHoweverTheirBytesArrive() {
        // given three frames, the middle one larger than what one read takes
        byte[] stream = bytes(
                encoded(request(1), payload(100)),
                encoded(request(2), payload(300_000), payload(17)),
                encoded(request(3)));

        // when they arrive in pieces of any size
        for (int at = 0; at < stream.length; ) {
            int piece = Math.min(stream.length - at, 1 + random.nextInt(70_000));
            channel.writeInbound(Unpooled.copiedBuffer(stream, at, piece));
            at += piece;
        }

        // then each comes out whole, in order
        assertThat(nextFrame()).isEqualTo("1 with 100 bytes");
        assertThat(nextFrame()).isEqualTo("2 with 300017 bytes");
        assertThat(nextFrame()).isEqualTo("3 with 0 bytes");
        assertThat(channel.<Object>readInbound()).isNull();
    }

    @Test
    void cutsFramesThatArriveByteForByte() {
        byte[] stream = bytes(encoded(request(1), payload(3)), encoded(request(2)));

        for (byte one : stream) {
            channel.writeInbound(Unpooled.copiedBuffer(new byte[] {one}));
        }

        assertThat(nextFrame()).isEqualTo("1 with 3 bytes");
        assertThat(nextFrame()).isEqualTo("2 with 0 bytes");
    }

    @Test
    void writesPayloadsWithoutCopyingThem() {
        ByteBuf payload = payload(1000);

        channel.writeOutbound(new OutgoingFrame(request(1), List.of(payload)));

        ByteBuf head = channel.readOutbound();
        assertThat(head.getInt(0)).isEqualTo(head.readableBytes() - 4 + 1000);
        assertThat(channel.<Object>readOutbound()).isSameAs(payload);
        head.release();
        assertThat(payload.release()).isTrue();
    }

    @Test
    void payloadKeepsItsBytesAndPinsItsFrameOnly() {
        ByteBuf payload = payload(5000);
        byte[] expected = bytes(payload.retainedDuplicate());

        channel.writeInbound(Unpooled.wrappedBuffer(bytes(encoded(request(1), payload))));

        Frame<Request> frame = channel.readInbound();
        assertThat(bytes(frame.payload().retainedDuplicate())).isEqualTo(expected);
        assertThat(frame.payload().unwrap().capacity()).isLessThan(5100);
        assertThat(frame.release()).isTrue();
    }

    @Test
    void refusesFrameAboveTheGreatestSizeBeforeAllocatingIt() {
        ByteBuf lengths = Unpooled.buffer().writeInt(1 << 30).writeInt(10);

        assertThatThrownBy(() -> channel.writeInbound(lengths))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("1073741824");

        // and takes nothing more from that connection
        channel.writeInbound(encoded(request(1)));
        assertThat(channel.<Object>readInbound()).isNull();
    }

    @Test
    void refusesHeaderThatReachesBeyondItsFrame() {
        ByteBuf lengths = Unpooled.buffer().writeInt(8).writeInt(9);

        assertThatThrownBy(() -> channel.writeInbound(lengths)).isInstanceOf(FrameException.class);
    }

    @Test
    void refusesHeaderThatIsNoMessage() {
        ByteBuf frame =
                Unpooled.buffer().writeInt(4 + 3).writeInt(3).writeByte(0xff).writeShort(-1);

        assertThatThrownBy(() -> channel.writeInbound(frame)).isInstanceOf(FrameException.class);
    }

    @Test
    void refusesToWriteFrameThatNoPeerWouldRead() {
        ByteBuf tooLarge = payload(WireProtocol.MAX_PAYLOAD_BYTES + 1);

        assertThatThrownBy(() -> channel.writeOutbound(new OutgoingFrame(request(1), List.of(tooLarge))))
                .isInstanceOf(EncoderException.class);

        assertThat(tooLarge.refCnt()).isZero();
    }

    @Test
    void releasesPayloadOfFrameThatIsWrittenToClosedConnection() {
        ByteBuf payload = payload(1000);
        EmbeddedChannel closed = new EmbeddedChannel(FrameEncoder.INSTANCE, new ChannelInboundHandlerAdapter());
        ChannelHandlerContext writer = closed.pipeline().lastContext();
        closed.close();

        ChannelFuture written = writer.writeAndFlush(new OutgoingFrame(request(1), List.of(payload)));

        assertThat(written.isSuccess()).isFalse();
        assertThat(payload.refCnt()).isZero();
    }

    @Test
    void frameThatIsNotWrittenReleasesItsPayloads() {
        ByteBuf payload = payload(1000);

        new OutgoingFrame(request(1), List.of(payload)).release();

        assertThat(payload.refCnt()).isZero();
    }

    @Test
    void releasesFrameThatEndsHalfWay() {
        ByteBuf whole = encoded(request(1), payload(100));
        channel.writeInbound(whole.readSlice(50));

        assertThat(channel.finish()).isFalse();
    }

    private String nextFrame() {
        Frame<Request> frame = channel.readInbound();
        String told = frame.header().getId() + " with " + frame.payload().readableBytes() + " bytes";
        frame.release();
        return told;
    }

    private static Request request(int id) {
        Request.Builder request = Request.newBuilder().setId(id);
        return id == 3
                ? request.setStatus(Status.getDefaultInstance()).build()
                : request.setAppend(Append.newBuilder().setSequence(id)).build();
    }

    private ByteBuf payload(int size) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return PooledByteBufAllocator.DEFAULT.directBuffer(size).writeBytes(bytes);
    }

    private static ByteBuf encoded(Request header, ByteBuf... payloads) {
        EmbeddedChannel encoder = new EmbeddedChannel(FrameEncoder.INSTANCE);
        encoder.writeOutbound(new OutgoingFrame(header, List.of(payloads)));
        ByteBuf whole = Unpooled.buffer();
        for (ByteBuf part = encoder.readOutbound(); part != null; part = encoder.readOutbound()) {
            whole.writeBytes(part);
            part.release();
        }
        encoder.finish();
        return whole;
    }

    private static byte[] bytes(ByteBuf... parts) {
        ByteBuf all = Unpooled.wrappedBuffer(parts);
        byte[] bytes = new byte[all.readableBytes()];
        all.readBytes(bytes).release();
        return bytes;
    }
}
