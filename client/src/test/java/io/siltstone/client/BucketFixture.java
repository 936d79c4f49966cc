package io.siltstone.client;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.FramedObject;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.Sha256;
import io.siltstone.format.TopicObject;
import io.siltstone.format.manifest.CommitStamp;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestObject;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.proto.Node;
import io.siltstone.format.proto.Root;
import io.siltstone.format.segment.FinishedObject;
import io.siltstone.format.segment.SegmentObjectWriter;
import io.siltstone.format.segment.SegmentSource;
import io.siltstone.format.segment.SegmentTrailer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Writes a real bucket into a folder: segment objects, manifests and topic descriptions. */
public final class BucketFixture {

    static final BucketKeys CLUSTER = new BucketKeys("c1");

    private final Path root;
    private final int blockBytes;
    private final Map<String, Topic> topics = new TreeMap<>();

    public BucketFixture(Path root, int blockBytes) {
        this.root = root;
        this.blockBytes = blockBytes;
    }

    public Topic topic(String name, int partitions) {
        Topic topic = new Topic(name, new UUID(7, name.hashCode()), partitions);
        topics.put(name, topic);
        put(
                CLUSTER.topicDescription(topic.id, 1),
                new TopicObject(topic.id, name, partitions, Map.of(), 0, 1).encode());
        return topic;
    }

    /** The topic's next description. */
    void describeAgain(Topic topic, long version) {
        describeAgain(topic, version, topic.partitions.size());
    }

    void describeAgain(Topic topic, long version, int partitions) {
        put(
                CLUSTER.topicDescription(topic.id, version),
                new TopicObject(topic.id, topic.name, partitions, Map.of(), 0, version).encode());
    }

    /** Something under a key that is not what the key says. */
    void putStranger(String key) {
        put(key, ByteBuffer.wrap(new byte[] {1}));
    }

    Path path(String key) {
        return root.resolve(key);
    }

    List<Path> files() {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void flip(Path file, long position) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, position);
            one.put(0, (byte) (one.get(0) ^ 0x04)).rewind();
            channel.write(one, position);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void put(String key, ByteBuffer... parts) {
        Path file = path(key);
        try {
            Files.createDirectories(file.getParent());
            try (FileChannel channel =
                    FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                for (ByteBuffer part : parts) {
                    channel.write(part.duplicate());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CompletableFuture<ByteBuffer> load(String key) {
        try {
            return CompletableFuture.completedFuture(ByteBuffer.wrap(Files.readAllBytes(path(key))));
        } catch (IOException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    /** A record to be written; its value is "TOPIC-PARTITION-OFFSET" and padding. */
    public record Timed(long timestamp, int padding) {}

    /** One topic of the bucket. */
    public final class Topic {
        final String name;
        final UUID id;
        private final List<Partition> partitions = new ArrayList<>();

        Topic(String name, UUID id, int partitions) {
            this.name = name;
            this.id = id;
            for (int i = 0; i < partitions; i++) {
                this.partitions.add(new Partition(this, i));
            }
        }

        public Partition partition(int number) {
            return partitions.get(number);
        }
    }

    /** One partition of the bucket. */
    public final class Partition {
        private final Topic topic;
        private final int number;
        final PartitionKeys keys;
        private ManifestTree tree;
        private long sequence;
        private long next;

        Partition(Topic topic, int number) {
            this.topic = topic;
            this.number = number;
            this.keys = CLUSTER.partition(topic.id, number);
            this.tree = ManifestTree.empty(keys, BucketFixture.this::load);
        }

        /** One segment object of batches with so many records each. */
        public void segment(int recordsPerBatch, Timed... records) {
            segment(tree.logStart(), recordsPerBatch, records);
        }

        /** One that comes with a log start. */
        void segment(long logStart, int recordsPerBatch, Timed... records) {
            SegmentObjectWriter writer = new SegmentObjectWriter(
                    new SegmentSource(topic.name, topic.id, number, sequence, sequence, next), blockBytes);
            List<ByteBuffer> parts = new ArrayList<>(List.of(writer.begin()));
            String key = keys.segment(next, 1, "s" + sequence);
            for (int from = 0; from < records.length; from += recordsPerBatch) {
                int to = Math.min(records.length, from + recordsPerBatch);
                SimpleRecord[] batch = new SimpleRecord[to - from];
                for (int i = from; i < to; i++) {
                    batch[i - from] = new SimpleRecord(
                            records[i].timestamp(),
                            ("key-" + next).getBytes(StandardCharsets.UTF_8),
                            value(next + i, records[i].padding()).getBytes(StandardCharsets.UTF_8));
                }
                parts.add(writer.append(MemoryRecords.withRecords(next + from, Compression.NONE, 1, batch)
                        .buffer()));
            }
            next += records.length;
            FinishedObject finished =
                    writer.finish(new SegmentTrailer(next, -1, List.of(), ByteBuffer.wrap(new byte[] {4, 2})));
            parts.add(finished.tail());
            put(key, parts.toArray(ByteBuffer[]::new));
            commit(tree.append(List.of(finished.toRange(key)), logStart, stamp())
                    .toCompletableFuture()
                    .join());
        }

        /** Records one millisecond apart. */
        public void segment(int recordsPerBatch, int records, long firstTimestamp, int padding) {
            Timed[] all = new Timed[records];
            for (int i = 0; i < records; i++) {
                all[i] = new Timed(firstTimestamp + i, padding);
            }
            segment(recordsPerBatch, all);
        }

        /** The next object begins there: what was before it is dropped and never reached the bucket. */
        void skipTo(long offset) {
            next = offset;
        }

        /** A manifest with other content than was written, right in all else. */
        void forgeNewestRoot(Consumer<Root.Builder> change) {
            forge(FramedObject.ROOT, newestRoot(), Root.parser(), Root::toBuilder, change);
        }

        /** The only leaf of the newest root's tree likewise, and the root that names it. */
        void forgeLeaf(Consumer<Node.Builder> change, Consumer<Root.Builder> changeOfRoot) {
            String key = requireNonNull(requireNonNull(tree.root()).tree()).key();
            ByteBuffer leaf = forge(FramedObject.NODE, key, Node.parser(), Node::toBuilder, change);
            forgeNewestRoot(root -> {
                root.getTreeBuilder()
                        .setSha256(ByteString.copyFrom(HexFormat.of().parseHex(Sha256.of(leaf))))
                        .setLength(leaf.remaining());
                changeOfRoot.accept(root);
            });
        }

        String newestRoot() {
            ManifestRoot root = requireNonNull(tree.root());
            return keys.root(root.epoch(), root.sequence());
        }

        private <M extends MessageLite, B extends MessageLite.Builder> ByteBuffer forge(
                FramedObject frame, String key, Parser<M> parser, Function<M, B> toBuilder, Consumer<B> change) {
            B builder = toBuilder.apply(frame.decode(key, load(key).join(), parser));
            change.accept(builder);
            ByteBuffer forged = frame.encode(builder.build());
            try {
                Files.delete(path(key));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            put(key, forged);
            return forged;
        }

        void dropBelow(long logStart) {
            commit(tree.dropBelow(logStart, stamp()).toCompletableFuture().join());
        }

        String value(long offset, int padding) {
            return topic.name + "-" + number + "-" + offset + "#" + "x".repeat(padding);
        }

        ManifestTree tree() {
            return tree;
        }

        private CommitStamp stamp() {
            return new CommitStamp(1, sequence, "u" + sequence++, 0);
        }

        private void commit(ManifestCommit commit) {
            for (ManifestObject node : commit.nodes()) {
                put(node.key(), node.bytes());
            }
            put(commit.rootObject().key(), commit.rootObject().bytes());
            tree = tree.after(commit);
        }
    }
}
