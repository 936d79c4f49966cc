package io.siltstone.log.chain;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.siltstone.log.DiskId;
import io.siltstone.log.chain.proto.PartitionZnode;
import io.siltstone.log.chain.proto.SegmentPhase;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The bytes of a partition's znode, as docs/formats/znodes.md describes them. */
public final class PartitionStateCodec {

    public static final int FORMAT = 1;

    private PartitionStateCodec() {}

    public static byte[] encode(PartitionState state) {
        PartitionZnode.Builder znode = PartitionZnode.newBuilder()
                .setFormat(FORMAT)
                .setEpoch(state.epoch())
                .setLogStart(state.logStart())
                .setNextSegment(state.nextSegment())
                .setTrimBelow(state.trimBelow());
        if (state.owner() != null) {
            znode.setOwner(encode(state.owner()));
        }
        if (state.assigned() != null) {
            znode.setAssigned(encode(state.assigned()));
        }
        if (state.manifest() != null) {
            znode.setManifest(encode(state.manifest()));
        }
        state.segments().forEach(segment -> znode.addSegments(encode(segment)));
        return znode.build().toByteArray();
    }

    /**
     * The state that the znode's bytes tell.
     *
     * @throws IllegalArgumentException where the bytes are not a partition's state of a format known here
     */
    public static PartitionState decode(byte[] bytes) {
        try {
            PartitionZnode znode = PartitionZnode.parseFrom(bytes);
            if (znode.getFormat() != FORMAT) {
                throw new IllegalArgumentException(
                        "partition znode has format " + znode.getFormat() + ", this version reads " + FORMAT);
            }
            return new PartitionState(
                    znode.getEpoch(),
                    znode.hasOwner() ? decode(znode.getOwner()) : null,
                    znode.hasAssigned() ? decode(znode.getAssigned()) : null,
                    znode.getSegmentsList().stream()
                            .map(PartitionStateCodec::decode)
                            .toList(),
                    znode.hasManifest() ? decode(znode.getManifest()) : null,
                    znode.getLogStart(),
                    znode.getNextSegment(),
                    znode.getTrimBelow());
        } catch (InvalidProtocolBufferException notAZnode) {
            throw new IllegalArgumentException("partition znode is not readable: " + notAZnode.getMessage(), notAZnode);
        }
    }

    private static io.siltstone.log.chain.proto.Owner encode(Owner owner) {
        return io.siltstone.log.chain.proto.Owner.newBuilder()
                .setNode(owner.node())
                .setIncarnation(owner.incarnation())
                .build();
    }

    private static @Nullable Owner decode(io.siltstone.log.chain.proto.Owner owner) {
        return new Owner(owner.getNode(), owner.getIncarnation());
    }

    private static io.siltstone.log.chain.proto.ManifestPointer encode(ManifestPointer manifest) {
        return io.siltstone.log.chain.proto.ManifestPointer.newBuilder()
                .setRoot(manifest.root())
                .setSha256(ByteString.copyFrom(HexFormat.of().parseHex(manifest.sha256())))
                .setEpoch(manifest.epoch())
                .setSequence(manifest.sequence())
                .setEndOffset(manifest.endOffset())
                .setBytes(manifest.bytes())
                .build();
    }

    private static ManifestPointer decode(io.siltstone.log.chain.proto.ManifestPointer manifest) {
        return new ManifestPointer(
                manifest.getRoot(),
                HexFormat.of().formatHex(manifest.getSha256().toByteArray()),
                manifest.getEpoch(),
                manifest.getSequence(),
                manifest.getEndOffset(),
                manifest.getBytes());
    }

    private static io.siltstone.log.chain.proto.ChainSegment encode(ChainSegment segment) {
        io.siltstone.log.chain.proto.ChainSegment.Builder builder =
                io.siltstone.log.chain.proto.ChainSegment.newBuilder()
                        .setNumber(segment.number())
                        .setBaseOffset(segment.baseOffset())
                        .setEpoch(segment.epoch())
                        .setWriteQuorum(segment.quorum().write())
                        .setAckQuorum(segment.quorum().ack())
                        .setCreatedMs(segment.createdMs());
        segment.ensemble().forEach(disk -> builder.addEnsemble(ByteString.copyFrom(disk.toBytes())));
        if (segment instanceof ChainSegment.Open) {
            return builder.setPhase(SegmentPhase.OPEN).build();
        }
        if (segment instanceof ChainSegment.Closed closed) {
            SegmentEnd end = closed.end();
            closed.extra().forEach(disk -> builder.addExtra(ByteString.copyFrom(disk.toBytes())));
            return builder.setPhase(SegmentPhase.CLOSED)
                    .setLastEntry(end.lastEntry())
                    .setEndOffset(end.endOffset())
                    .setMaxTimestamp(end.maxTimestamp())
                    .setMaxTimestampOffset(end.maxTimestampOffset())
                    .build();
        }
        return builder.setPhase(SegmentPhase.RECOVERING).build();
    }

    private static ChainSegment decode(io.siltstone.log.chain.proto.ChainSegment segment) {
        Quorum quorum = new Quorum(segment.getWriteQuorum(), segment.getAckQuorum());
        List<DiskId> ensemble = disks(segment.getEnsembleList());
        long number = segment.getNumber();
        long base = segment.getBaseOffset();
        int epoch = segment.getEpoch();
        long created = segment.getCreatedMs();
        return switch (segment.getPhase()) {
            case OPEN -> new ChainSegment.Open(number, base, epoch, quorum, ensemble, created);
            case RECOVERING -> new ChainSegment.Recovering(number, base, epoch, quorum, ensemble, created);
            case CLOSED ->
                new ChainSegment.Closed(
                        number,
                        base,
                        epoch,
                        quorum,
                        ensemble,
                        created,
                        new SegmentEnd(
                                segment.getLastEntry(),
                                segment.getEndOffset(),
                                segment.getMaxTimestamp(),
                                segment.getMaxTimestampOffset()),
                        disks(segment.getExtraList()));
            case UNRECOGNIZED -> throw new IllegalArgumentException("segment " + number + " has an unknown phase");
        };
    }

    private static List<DiskId> disks(List<ByteString> identities) {
        return identities.stream()
                .map(bytes -> DiskId.fromBytes(bytes.asReadOnlyByteBuffer()))
                .toList();
    }
}
