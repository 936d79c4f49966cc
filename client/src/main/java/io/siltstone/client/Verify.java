package io.siltstone.client;

import static io.siltstone.format.CorruptObjectException.NO_BLOCK;

import io.siltstone.client.source.HistorySource;
import io.siltstone.client.source.ObjectReader;
import io.siltstone.client.source.PartitionManifest;
import io.siltstone.client.source.TopicInfo;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.manifest.ManifestRange;
import io.siltstone.format.manifest.ManifestRoot;
import io.siltstone.format.manifest.ManifestTree;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Checks everything that a bucket holds of a topic: its descriptions, the hash chain of manifest roots back to the first,
 * every node that they name against the hash above it, that ranges follow each other without a gap, every object by its length, SHA-256,
 * block and batch checksums, and that no object speaks for a root behind the newest. Stops at the first fault.
 *
 * <p>Reads with a few blocks of memory, on the caller's thread.
 */
public final class Verify {

    private static final int RANGES_AT_ONCE = 100;

    private final HistorySource source;
    private final Consumer<VerifyReport> progress;

    /** The listener is told after each object, on the caller's thread; the report covers one topic. */
    public Verify(HistorySource source, Consumer<VerifyReport> progress) {
        this.source = source;
        this.progress = progress;
    }

    /**
     * Checks one topic.
     *
     * @throws CorruptObjectException at the first fault, naming object, block and offset
     * @throws io.siltstone.client.source.HistoryException where the source cannot be read or has no such topic
     */
    public VerifyReport topic(String name) {
        TopicInfo topic = ReplayScope.join(source.topic(name));
        VerifyReport report = VerifyReport.NOTHING;
        TopicPartition firstStored = null;
        TopicPartition lastStored = null;
        PartitionManifest lastManifest = null;
        for (int number = 0; number < topic.partitions(); number++) {
            TopicPartition partition = new TopicPartition(name, number);
            report = report.plus(new VerifyReport(1, 0, 0, 0, 0, 0));
            Optional<PartitionManifest> manifest = ReplayScope.join(source.manifest(partition));
            if (manifest.isPresent()) {
                if (firstStored == null) {
                    ReplayScope.join(DescriptionCheck.check(source, partition, manifest.get(), Long.MAX_VALUE));
                    firstStored = partition;
                }
                lastStored = partition;
                lastManifest = manifest.get();
                report = partition(partition, manifest.get(), report);
            }
            ReplayScope.join(CompletenessCheck.check(source, partition));
        }
        if (lastStored != null && lastManifest != null && !lastStored.equals(firstStored)) {
            ReplayScope.join(DescriptionCheck.check(source, lastStored, lastManifest, 1));
        }
        return report;
    }

    private VerifyReport partition(TopicPartition partition, PartitionManifest manifest, VerifyReport before) {
        ObjectReader objects = source.objects(partition);
        RootChain chain = new RootChain(objects, manifest);
        ManifestRoot root = ReplayScope.join(chain.newest());
        long roots = ReplayScope.join(chain.walk(Long.MAX_VALUE));
        return ranges(objects, manifest, root, before.plus(new VerifyReport(0, roots, 0, 0, 0, 0)));
    }

    private VerifyReport ranges(
            ObjectReader objects, PartitionManifest manifest, ManifestRoot root, VerifyReport before) {
        ManifestTree tree = ManifestTree.of(manifest.keys(), new CheckedNodes(objects), manifest.root(), root);
        ObjectCheck check = new ObjectCheck(objects, manifest.keys());
        VerifyReport report = before;
        long next = 0;
        while (true) {
            List<ManifestRange> page =
                    ReplayScope.join(tree.page(next, RANGES_AT_ONCE).toCompletableFuture());
            for (ManifestRange range : page) {
                checkFollows(range, next, root.logStart());
                report = report.plus(check.check(range));
                progress.accept(report);
                next = range.endOffset();
            }
            if (page.isEmpty()) {
                break;
            }
        }
        if (next != root.endOffset() && root.logStart() < root.endOffset()) {
            throw new CorruptObjectException(
                    manifest.root().key(), NO_BLOCK, next, "its ranges end there, it says " + root.endOffset());
        }
        return report;
    }

    private static void checkFollows(ManifestRange range, long next, long logStart) {
        if (!ManifestRoot.follows(range.baseOffset(), next, logStart)) {
            throw new CorruptObjectException(
                    range.key(),
                    NO_BLOCK,
                    next,
                    "the manifest has a gap or an overlap: it starts at " + range.baseOffset());
        }
    }
}
