package io.siltstone.log.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class WireMappingTest {

    private static final SegmentId SEGMENT = new SegmentId(new PartitionId(new UUID(-1, Long.MIN_VALUE), 7), 1L << 40);

    @Test
    void headersComeBackAsTheyWent() {
        EntryHeader batches =
                new EntryHeader(SEGMENT, 9, 3, -1, 1L << 50, 12, 1_700_000_000_000L, EntryKind.BATCHES, 0, 0, -5, 64);
        EntryHeader snapshot = new EntryHeader(SEGMENT, 1, 3, 0, 42, 0, 5, EntryKind.SNAPSHOT, 1, 2, 77, 0);

        assertThat(WireMapping.fromMessage(WireMapping.toMessage(batches))).isEqualTo(batches);
        assertThat(WireMapping.fromMessage(WireMapping.toMessage(snapshot))).isEqualTo(snapshot);
    }

    @Test
    void partitionsComeBackAsTheyWent() {
        assertThat(WireMapping.fromMessage(WireMapping.toMessage(SEGMENT.partition())))
                .isEqualTo(SEGMENT.partition());
    }

    @Test
    void headerThatNoEntryCanHaveIsRefused() {
        io.siltstone.log.wire.proto.EntryHeader negativeEntry =
                WireMapping.toMessage(header(0, 5)).toBuilder().setEntry(-4).build();

        assertThatThrownBy(() -> WireMapping.fromMessage(negativeEntry)).isInstanceOf(FrameException.class);
    }

    @Test
    void entriesAreCutOutOfThePayloadInOrder() {
        List<String> received = new ArrayList<>();
        ByteBuf payload = Unpooled.copiedBuffer("onethree", StandardCharsets.US_ASCII);

        WireMapping.forEachEntry(
                List.of(WireMapping.toMessage(header(0, 3)), WireMapping.toMessage(header(1, 5))),
                payload,
                (header, bytes) -> received.add(header.entry() + bytes.toString(StandardCharsets.US_ASCII)));

        assertThat(received).containsExactly("0one", "1three");
        assertThat(payload.readableBytes()).isEqualTo(8);
    }

    @Test
    void entriesWhoseLengthsDoNotAddUpAreRefused() {
        ByteBuf payload = Unpooled.wrappedBuffer(new byte[7]);

        assertThatThrownBy(() -> WireMapping.forEachEntry(
                        List.of(WireMapping.toMessage(header(0, 8))), payload, (header, bytes) -> {}))
                .isInstanceOf(FrameException.class)
                .hasMessageContaining("7 bytes");
    }

    @Test
    void checksumIsTheSameWhereverTheBytesLie() {
        // The check value of CRC32C.
        byte[] digits = "123456789".getBytes(StandardCharsets.US_ASCII);
        ByteBuf direct = Unpooled.directBuffer().writeZero(5).writeBytes(digits).skipBytes(5);
        ByteBuf parts = Unpooled.wrappedBuffer(
                Unpooled.copiedBuffer(digits, 0, 4), Unpooled.directBuffer().writeBytes(digits, 4, 5));

        assertThat(Crc32c.of(Unpooled.wrappedBuffer(digits))).isEqualTo(0xe3069283);
        assertThat(Crc32c.of(direct)).isEqualTo(0xe3069283);
        assertThat(Crc32c.of(parts)).isEqualTo(0xe3069283);
        direct.release();
        parts.release();
    }

    private static EntryHeader header(long entry, int length) {
        return new EntryHeader(SEGMENT, entry, 0, -1, entry, 1, 0, EntryKind.BATCHES, 0, 0, 0, length);
    }
}
