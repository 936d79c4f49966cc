package io.siltstone.format.manifest;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;
import static io.siltstone.format.CorruptObjectException.NO_OFFSET;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.EpochStart;
import io.siltstone.format.FramedObject;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.Sha256;
import io.siltstone.format.proto.Change;
import io.siltstone.format.proto.ChangeKind;
import io.siltstone.format.proto.Child;
import io.siltstone.format.proto.Named;
import io.siltstone.format.proto.Node;
import io.siltstone.format.proto.Range;
import io.siltstone.format.proto.Root;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;

/** Roots and nodes of one partition's manifest as framed protobuf objects. */
public final class ManifestCodec {

    private final PartitionKeys keys;

    public ManifestCodec(PartitionKeys keys) {
        this.keys = keys;
    }

    public ManifestObject encode(String key, ManifestNode node) {
        Node.Builder out = Node.newBuilder().setFormat(FramedObject.VERSION).setLevel(node.level());
        if (node instanceof ManifestNode.Leaf leaf) {
            leaf.ranges().forEach(range -> out.addRanges(range(range)));
        } else if (node instanceof ManifestNode.Inner inner) {
            inner.children().forEach(child -> out.addChildren(child(child)));
        }
        return object(key, FramedObject.NODE, out.build());
    }

    public ManifestObject encode(ManifestRoot root) {
        Root.Builder out = Root.newBuilder()
                .setFormat(FramedObject.VERSION)
                .setTopicId(FramedObject.bytesOf(root.topic()))
                .setPartition(root.partition())
                .setEpoch(root.epoch())
                .setSequence(root.sequence())
                .setWrittenMs(root.writtenMs())
                .setLogStart(root.logStart())
                .setEndOffset(root.endOffset());
        RootRef previous = root.previous();
        if (previous != null) {
            out.setPreviousKey(keys.shorten(previous.key())).setPreviousSha256(hash(previous.sha256()));
        }
        root.changes().forEach(change -> out.addChanges(change(change)));
        NodeRef tree = root.tree();
        if (tree != null) {
            out.setTree(child(tree));
        }
        root.tail().forEach(range -> out.addTail(range(range)));
        return object(keys.root(root.epoch(), root.sequence()), FramedObject.ROOT, out.build());
    }

    /**
     * Checks a node against the reference that led to it.
     *
     * @throws CorruptObjectException where the bytes are not those that the reference means
     */
    public ManifestNode decodeNode(NodeRef ref, ByteBuffer bytes) {
        checkHash(ref.key(), ref.sha256(), ref.baseOffset(), bytes);
        Node in = FramedObject.NODE.decode(ref.key(), bytes, Node.parser());
        try {
            ManifestNode node = in.getLevel() == 0
                    ? new ManifestNode.Leaf(
                            in.getRangesList().stream().map(this::range).toList())
                    : new ManifestNode.Inner(
                            in.getLevel(),
                            in.getChildrenList().stream().map(this::child).toList());
            if (!NodeRef.of(node, ref.key(), ref.sha256(), ref.length()).equals(ref)) {
                throw new IllegalArgumentException("it holds something else than the node above says");
            }
            return node;
        } catch (IllegalArgumentException e) {
            throw new CorruptObjectException(ref.key(), NO_BLOCK, ref.baseOffset(), String.valueOf(e.getMessage()));
        }
    }

    /**
     * Checks a root against the reference that led to it.
     *
     * @throws CorruptObjectException where the bytes do not have the hash of the reference or are no root
     */
    public ManifestRoot decodeRoot(RootRef ref, ByteBuffer bytes) {
        checkHash(ref.key(), ref.sha256(), NO_OFFSET, bytes);
        return decodeRoot(ref.key(), bytes);
    }

    /** As {@link #decodeRoot(RootRef, ByteBuffer)} where no hash is known: only the root's own CRC vouches for it. */
    public ManifestRoot decodeRoot(String key, ByteBuffer bytes) {
        Root in = FramedObject.ROOT.decode(key, bytes, Root.parser());
        try {
            ManifestRoot root = root(in);
            if (!root.topic().equals(keys.topic()) || root.partition() != keys.partition()) {
                throw new IllegalArgumentException(
                        "it is a root of partition " + root.topic() + "/" + root.partition());
            }
            if (!keys.root(root.epoch(), root.sequence()).equals(key)) {
                throw new IllegalArgumentException(
                        "it is the root of epoch " + root.epoch() + ", sequence " + root.sequence());
            }
            return root;
        } catch (IllegalArgumentException e) {
            throw new CorruptObjectException(key, NO_BLOCK, NO_OFFSET, String.valueOf(e.getMessage()));
        }
    }

    private ManifestRoot root(Root in) {
        return new ManifestRoot(
                FramedObject.uuidOf(in.getTopicId()),
                in.getPartition(),
                in.getEpoch(),
                in.getSequence(),
                in.getWrittenMs(),
                in.getLogStart(),
                in.getEndOffset(),
                in.getPreviousKey().isEmpty()
                        ? null
                        : new RootRef(keys.expand(in.getPreviousKey()), hex(in.getPreviousSha256())),
                in.getChangesList().stream().map(this::change).toList(),
                in.hasTree() ? child(in.getTree()) : null,
                in.getTailList().stream().map(this::range).toList());
    }

    private static void checkHash(String key, String sha256, long offset, ByteBuffer bytes) {
        String found = Sha256.of(bytes);
        if (!found.equals(sha256)) {
            throw new CorruptObjectException(
                    key, NO_BLOCK, offset, "its SHA-256 is " + found + ", what names it says " + sha256);
        }
    }

    private static ManifestObject object(String key, FramedObject frame, MessageLite message) {
        ByteBuffer bytes = frame.encode(message).asReadOnlyBuffer();
        return new ManifestObject(key, bytes, Sha256.of(bytes));
    }

    private Range range(ManifestRange range) {
        Range.Builder out = Range.newBuilder()
                .setKey(keys.shorten(range.key()))
                .setBytes(range.bytes())
                .setSha256(hash(range.sha256()))
                .setBaseOffset(range.baseOffset())
                .setEndOffset(range.endOffset())
                .setLeastTimestamp(range.leastTimestamp())
                .setGreatestTimestamp(range.greatestTimestamp())
                .setGreatestTimestampOffset(range.greatestTimestampOffset())
                .setFirstSegment(range.firstSegment())
                .setLastSegment(range.lastSegment())
                .setIndexPosition(range.indexPosition())
                .setIndexCrc32C(range.indexCrc32c())
                .setLeastAbortedPlusOne(range.leastAbortedOffset() + 1);
        range.epochs()
                .forEach(start -> out.addEpochsBuilder().setEpoch(start.epoch()).setStartOffset(start.startOffset()));
        return out.build();
    }

    private ManifestRange range(Range in) {
        List<EpochStart> epochs = in.getEpochsList().stream()
                .map(start -> new EpochStart(start.getEpoch(), start.getStartOffset()))
                .toList();
        return new ManifestRange(
                keys.expand(in.getKey()),
                in.getBytes(),
                hex(in.getSha256()),
                in.getBaseOffset(),
                in.getEndOffset(),
                epochs,
                in.getLeastTimestamp(),
                in.getGreatestTimestamp(),
                in.getGreatestTimestampOffset(),
                in.getFirstSegment(),
                in.getLastSegment(),
                in.getIndexPosition(),
                in.getIndexCrc32C(),
                in.getLeastAbortedPlusOne() - 1);
    }

    private Child child(NodeRef ref) {
        return Child.newBuilder()
                .setKey(keys.shorten(ref.key()))
                .setSha256(hash(ref.sha256()))
                .setLength(ref.length())
                .setLevel(ref.level())
                .setBaseOffset(ref.baseOffset())
                .setEndOffset(ref.endOffset())
                .setLeastTimestamp(ref.leastTimestamp())
                .setGreatestTimestamp(ref.greatestTimestamp())
                .setLeastEpoch(ref.leastEpoch())
                .setGreatestEpoch(ref.greatestEpoch())
                .setBytes(ref.bytes())
                .setRanges(ref.ranges())
                .setLeastAbortedPlusOne(ref.leastAbortedOffset() + 1)
                .build();
    }

    private NodeRef child(Child in) {
        return new NodeRef(
                keys.expand(in.getKey()),
                hex(in.getSha256()),
                in.getLength(),
                in.getLevel(),
                in.getBaseOffset(),
                in.getEndOffset(),
                in.getLeastTimestamp(),
                in.getGreatestTimestamp(),
                in.getLeastEpoch(),
                in.getGreatestEpoch(),
                in.getBytes(),
                in.getRanges(),
                in.getLeastAbortedPlusOne() - 1);
    }

    private Change change(ManifestChange change) {
        Change.Builder out =
                Change.newBuilder().setKind(ChangeKind.valueOf(change.kind().name()));
        change.before().forEach(named -> out.addBefore(named(named)));
        change.after().forEach(named -> out.addAfter(named(named)));
        return out.build();
    }

    private ManifestChange change(Change in) {
        return new ManifestChange(
                ManifestChange.Kind.valueOf(in.getKind().name()),
                in.getBeforeList().stream().map(this::named).toList(),
                in.getAfterList().stream().map(this::named).toList());
    }

    private Named named(ManifestChange.Named named) {
        return Named.newBuilder()
                .setKey(keys.shorten(named.key()))
                .setSha256(hash(named.sha256()))
                .setBaseOffset(named.baseOffset())
                .setEndOffset(named.endOffset())
                .build();
    }

    private ManifestChange.Named named(Named in) {
        return new ManifestChange.Named(
                keys.expand(in.getKey()), hex(in.getSha256()), in.getBaseOffset(), in.getEndOffset());
    }

    private static ByteString hash(String hex) {
        return ByteString.copyFrom(HexFormat.of().parseHex(hex));
    }

    private static String hex(ByteString bytes) {
        return HexFormat.of().formatHex(bytes.toByteArray());
    }
}
