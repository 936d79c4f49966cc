package io.siltstone.ingest.http;

import io.netty.buffer.Unpooled;
import io.siltstone.format.BucketKeys;
import io.siltstone.format.PartitionKeys;
import io.siltstone.format.manifest.CommitStamp;
import io.siltstone.format.manifest.ManifestCommit;
import io.siltstone.format.manifest.ManifestObject;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestTree;
import io.siltstone.format.segment.FinishedObject;
import io.siltstone.format.segment.SegmentObjectWriter;
import io.siltstone.format.segment.SegmentSource;
import io.siltstone.format.segment.SegmentTrailer;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.TopicImage;
import io.siltstone.tiering.store.ObjectStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** A topic whose first partition is in a bucket and whose second is empty, and the cluster's image of it. */
final class StoredTopic implements ClusterView {

    static final UUID ID = new UUID(5, 6);

    final List<ManifestRange> ranges = new ArrayList<>();
    private final ObjectStore store;
    private final PartitionKeys keys = new BucketKeys("test").partition(ID, 0);
    private ManifestTree tree =
            ManifestTree.empty(keys, key -> CompletableFuture.failedFuture(new IllegalStateException(key)));
    private long sequence;
    private long logStart;

    StoredTopic(ObjectStore store) {
        this.store = store;
    }

    /** One object of ten records, a millisecond apart. */
    void add(long firstTimestamp) {
        long base = tree.endOffset();
        SegmentObjectWriter writer = new SegmentObjectWriter(
                new SegmentSource("flights", ID, 0, sequence, sequence, base), SegmentObjectWriter.DEFAULT_BLOCK_BYTES);
        SimpleRecord[] records = new SimpleRecord[10];
        for (int i = 0; i < 10; i++) {
            records[i] = new SimpleRecord(firstTimestamp + i, null, new byte[200]);
        }
        ByteBuffer header = writer.begin();
        ByteBuffer batch = writer.append(
                MemoryRecords.withRecords(base, Compression.NONE, 1, records).buffer());
        FinishedObject finished = writer.finish(new SegmentTrailer(base + 10, -1, List.of(), ByteBuffer.allocate(0)));
        ManifestRange range = finished.toRange(keys.segment(base, 1, "s" + sequence));
        store.putIfAbsent(range.key(), Unpooled.wrappedBuffer(header, batch, finished.tail()))
                .join();
        ManifestCommit commit = tree.append(List.of(range), 0, new CommitStamp(1, sequence, "u" + sequence++, 0))
                .toCompletableFuture()
                .join();
        ManifestObject root = commit.rootObject();
        store.putIfAbsent(root.key(), Unpooled.wrappedBuffer(root.bytes().duplicate()))
                .join();
        ranges.add(range);
        tree = tree.after(commit);
    }

    void startLogAt(long offset) {
        logStart = offset;
    }

    @Override
    public ClusterImage image() {
        TopicImage topic = new TopicImage("flights", ID, 2, Map.of(), 0);
        ClusterImage empty = ClusterImage.empty("test");
        PartitionState state = PartitionState.initial().withManifest(pointer()).withLogStart(logStart);
        return new ClusterImage(
                "test",
                empty.topics().plus("flights", topic),
                empty.topicsById().plus(ID, topic),
                empty.partitions().plus(new PartitionId(ID, 0), new PartitionImage(state, 3)),
                empty.deletedTopics(),
                empty.ingestNodes(),
                empty.storageDisks(),
                null,
                Map.of(),
                empty.brokerConfigs());
    }

    private ManifestPointer pointer() {
        var root = java.util.Objects.requireNonNull(tree.root());
        var ref = new io.siltstone.format.manifest.ManifestCodec(keys).encode(root);
        return new ManifestPointer(
                ref.key(), ref.sha256(), root.epoch(), root.sequence(), root.endOffset(), root.bytes());
    }

    @Override
    public Subscription subscribe(Listener listener) {
        return () -> {};
    }
}
