package io.siltstone.ingest;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.client.SegmentReport;
import io.siltstone.log.writer.Replicas;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.StorageDiskImage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One question to all live storage disks: what they hold of a partition. Confined to the event loop on which it is asked
 * and answered.
 *
 * <p>A disk that lives and does not answer is a failure, not an empty disk: somebody may wait until nothing is held.
 */
final class HotBytes {

    /** Asks one disk for its segments of the partition; the answer comes once, now or later. */
    @FunctionalInterface
    interface Disks {
        void list(DiskId disk, PartitionId partition, Consumer<Replicas.Answer<List<SegmentReport>>> answer);
    }

    private final PartitionId partition;
    private final ClusterView view;
    private final Map<Long, Long> largest = new HashMap<>();
    private final CompletableFuture<Map<Long, Long>> done = new CompletableFuture<>();
    private int open;

    private HotBytes(PartitionId partition, ClusterView view) {
        this.partition = partition;
        this.view = view;
    }

    /**
     * Bytes of the largest copy of each segment, by its number.
     *
     * @return fails with {@link IllegalStateException} where a disk that lives did not answer
     */
    static CompletableFuture<Map<Long, Long>> ask(PartitionId partition, ClusterView view, Disks disks) {
        HotBytes question = new HotBytes(partition, view);
        List<DiskId> live = view.image().storageDisks().values().stream()
                .filter(StorageDiskImage::live)
                .map(StorageDiskImage::disk)
                .toList();
        question.open = live.size() + 1;
        live.forEach(disk -> disks.list(disk, partition, answer -> question.answered(disk, answer)));
        question.settled();
        return question.done;
    }

    private void answered(DiskId disk, Replicas.Answer<List<SegmentReport>> answer) {
        if (answer instanceof Replicas.Answer.Ok<List<SegmentReport>> ok) {
            ok.value().forEach(held -> largest.merge(held.segment().number(), held.bytes(), Math::max));
        } else if (answer instanceof Replicas.Answer.Failed<List<SegmentReport>> failed && isLive(disk)) {
            done.completeExceptionally(new IllegalStateException(
                    "disk " + disk + " did not tell what it holds of " + partition + ": " + failed.why()));
        }
        settled();
    }

    private boolean isLive(DiskId disk) {
        return view.image().storageDisk(disk).filter(StorageDiskImage::live).isPresent();
    }

    private void settled() {
        if (--open == 0) {
            done.complete(largest);
        }
    }
}
