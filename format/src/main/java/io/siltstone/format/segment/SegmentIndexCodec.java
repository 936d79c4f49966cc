package io.siltstone.format.segment;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.siltstone.format.EpochStart;
import io.siltstone.format.FramedObject;
import io.siltstone.format.proto.Block;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** The index of a segment object as protobuf. */
final class SegmentIndexCodec {

    private SegmentIndexCodec() {}

    static ByteBuffer encode(SegmentIndex index) {
        io.siltstone.format.proto.SegmentIndex.Builder out = io.siltstone.format.proto.SegmentIndex.newBuilder()
                .setFormat(SegmentObjectFormat.VERSION)
                .setTopicName(index.topicName())
                .setTopicId(FramedObject.bytesOf(index.topic()))
                .setPartition(index.partition())
                .setFirstSegment(index.firstSegment())
                .setLastSegment(index.lastSegment())
                .setBaseOffset(index.baseOffset())
                .setEndOffset(index.endOffset())
                .setLeastTimestamp(index.leastTimestamp())
                .setGreatestTimestamp(index.greatestTimestamp())
                .setGreatestTimestampOffset(index.greatestTimestampOffset());
        index.epochs()
                .forEach(start -> out.addEpochsBuilder().setEpoch(start.epoch()).setStartOffset(start.startOffset()));
        index.blocks()
                .forEach(block -> out.addBlocksBuilder()
                        .setPosition(block.position())
                        .setLength(block.length())
                        .setCrc32C(block.crc32c())
                        .setBaseOffset(block.baseOffset())
                        .setEndOffset(block.endOffset())
                        .setGreatestTimestamp(block.greatestTimestamp()));
        index.aborted()
                .forEach(aborted -> out.addAbortedBuilder()
                        .setProducerId(aborted.producerId())
                        .setFirstOffset(aborted.firstOffset())
                        .setLastOffset(aborted.lastOffset()));
        Section snapshot = index.producerSnapshot();
        if (snapshot != null) {
            out.getProducerSnapshotBuilder()
                    .setPosition(snapshot.position())
                    .setLength(snapshot.length())
                    .setCrc32C(snapshot.crc32c());
        }
        return ByteBuffer.wrap(out.build().toByteArray());
    }

    /**
     * Reads what {@link #encode} made.
     *
     * @throws IllegalArgumentException where the message is none or breaks an invariant of the index
     */
    static SegmentIndex decode(ByteBuffer bytes) {
        io.siltstone.format.proto.SegmentIndex in;
        try {
            in = io.siltstone.format.proto.SegmentIndex.parseFrom(ByteString.copyFrom(bytes.duplicate()));
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalArgumentException("its index cannot be parsed: " + e.getMessage(), e);
        }
        List<BlockEntry> blocks = new ArrayList<>(in.getBlocksCount());
        for (Block block : in.getBlocksList()) {
            blocks.add(new BlockEntry(
                    blocks.size(),
                    block.getPosition(),
                    block.getLength(),
                    block.getCrc32C(),
                    block.getBaseOffset(),
                    block.getEndOffset(),
                    block.getGreatestTimestamp()));
        }
        return new SegmentIndex(
                in.getTopicName(),
                FramedObject.uuidOf(in.getTopicId()),
                in.getPartition(),
                in.getFirstSegment(),
                in.getLastSegment(),
                in.getBaseOffset(),
                in.getEndOffset(),
                in.getEpochsList().stream()
                        .map(start -> new EpochStart(start.getEpoch(), start.getStartOffset()))
                        .toList(),
                in.getLeastTimestamp(),
                in.getGreatestTimestamp(),
                in.getGreatestTimestampOffset(),
                blocks,
                in.getAbortedList().stream()
                        .map(aborted -> new AbortedTransaction(
                                aborted.getProducerId(), aborted.getFirstOffset(), aborted.getLastOffset()))
                        .toList(),
                in.hasProducerSnapshot()
                        ? new Section(
                                in.getProducerSnapshot().getPosition(),
                                in.getProducerSnapshot().getLength(),
                                in.getProducerSnapshot().getCrc32C())
                        : null);
    }
}
