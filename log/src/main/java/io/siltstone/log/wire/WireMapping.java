package io.siltstone.log.wire;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.EntryKind;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.wire.proto.Partition;
import io.siltstone.log.wire.proto.Segment;
import java.util.List;
import java.util.UUID;

/** The log's values as messages, and back. What a message says is checked; a wrong one is a {@link FrameException}. */
public final class WireMapping {

    private WireMapping() {}

    public static Segment toMessage(SegmentId segment) {
        UUID topic = segment.partition().topic();
        return Segment.newBuilder()
                .setTopicHigh(topic.getMostSignificantBits())
                .setTopicLow(topic.getLeastSignificantBits())
                .setPartition(segment.partition().partition())
                .setNumber(segment.number())
                .build();
    }

    public static SegmentId fromMessage(Segment segment) {
        try {
            return new SegmentId(
                    new PartitionId(new UUID(segment.getTopicHigh(), segment.getTopicLow()), segment.getPartition()),
                    segment.getNumber());
        } catch (IllegalArgumentException wrong) {
            throw new FrameException("a message names no segment: " + wrong.getMessage(), wrong);
        }
    }

    public static Partition toMessage(PartitionId partition) {
        return Partition.newBuilder()
                .setTopicHigh(partition.topic().getMostSignificantBits())
                .setTopicLow(partition.topic().getLeastSignificantBits())
                .setPartition(partition.partition())
                .build();
    }

    public static PartitionId fromMessage(Partition partition) {
        try {
            return new PartitionId(
                    new UUID(partition.getTopicHigh(), partition.getTopicLow()), partition.getPartition());
        } catch (IllegalArgumentException wrong) {
            throw new FrameException("a message names no partition: " + wrong.getMessage(), wrong);
        }
    }

    public static DiskId disk(long high, long low) {
        return new DiskId(new UUID(high, low));
    }

    public static io.siltstone.log.wire.proto.EntryHeader toMessage(EntryHeader header) {
        return toMessage(header, toMessage(header.segment()));
    }

    /**
     * The header's message, for who has its segment's at hand.
     *
     * @param segment the message of {@code header.segment()}
     */
    public static io.siltstone.log.wire.proto.EntryHeader toMessage(EntryHeader header, Segment segment) {
        return io.siltstone.log.wire.proto.EntryHeader.newBuilder()
                .setSegment(segment)
                .setEntry(header.entry())
                .setEpoch(header.epoch())
                .setLastConfirmed(header.lastConfirmed())
                .setBaseOffset(header.baseOffset())
                .setOffsetCount(header.offsetCount())
                .setAppendTimeMs(header.appendTimeMs())
                .setKind(
                        header.kind() == EntryKind.BATCHES
                                ? io.siltstone.log.wire.proto.EntryKind.BATCHES
                                : io.siltstone.log.wire.proto.EntryKind.SNAPSHOT)
                .setChunk(header.chunk())
                .setChunks(header.chunks())
                .setCrc(header.crc())
                .setLength(header.length())
                .build();
    }

    public static EntryHeader fromMessage(io.siltstone.log.wire.proto.EntryHeader header) {
        return fromMessage(header, fromMessage(header.getSegment()));
    }

    /**
     * The header that the message tells, for who has its segment's name at hand.
     *
     * @param segment what {@code header.getSegment()} names
     */
    public static EntryHeader fromMessage(io.siltstone.log.wire.proto.EntryHeader header, SegmentId segment) {
        try {
            return new EntryHeader(
                    segment,
                    header.getEntry(),
                    header.getEpoch(),
                    header.getLastConfirmed(),
                    header.getBaseOffset(),
                    header.getOffsetCount(),
                    header.getAppendTimeMs(),
                    kind(header),
                    header.getChunk(),
                    header.getChunks(),
                    header.getCrc(),
                    header.getLength());
        } catch (IllegalArgumentException wrong) {
            throw new FrameException("a message holds no entry's header: " + wrong.getMessage(), wrong);
        }
    }

    private static EntryKind kind(io.siltstone.log.wire.proto.EntryHeader header) {
        return switch (header.getKind()) {
            case BATCHES -> EntryKind.BATCHES;
            case SNAPSHOT -> EntryKind.SNAPSHOT;
            case UNRECOGNIZED ->
                throw new FrameException("entry " + header.getEntry() + " is of kind " + header.getKindValue()
                        + ", which this version does not know");
        };
    }

    /**
     * Hands out the entries of a frame in their order.
     *
     * @param payload all their bytes; borrowed, indices stay as they are
     * @throws FrameException where the lengths do not add up to the payload, or a header is wrong; then nothing or the
     *     entries before it were handed out
     */
    public static void forEachEntry(
            List<io.siltstone.log.wire.proto.EntryHeader> headers, ByteBuf payload, EntryReceiver receiver) {
        long total = 0;
        for (int i = 0; i < headers.size(); i++) {
            total += Integer.toUnsignedLong(headers.get(i).getLength());
        }
        if (total != payload.readableBytes()) {
            throw new FrameException(headers.size() + " entries of " + total + " bytes came with a payload of "
                    + payload.readableBytes() + " bytes");
        }
        int at = payload.readerIndex();
        for (int i = 0; i < headers.size(); i++) {
            EntryHeader header = fromMessage(headers.get(i));
            receiver.receive(header, payload.slice(at, header.length()));
            at += header.length();
        }
    }

    /** Takes one entry of a frame. */
    @FunctionalInterface
    public interface EntryReceiver {

        /** The payload is borrowed: retain it to keep it. */
        void receive(EntryHeader header, ByteBuf payload);
    }
}
