package io.siltstone.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.ingest.cluster.FakeCluster;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.client.SegmentReport;
import io.siltstone.log.writer.Replicas.Answer;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class HotBytesTest {

    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 2), 3);

    private final FakeCluster cluster = new FakeCluster(3);

    private static DiskId disk(int number) {
        return new DiskId(new UUID(0, number));
    }

    private static SegmentReport held(long segment, long bytes) {
        return new SegmentReport(new SegmentId(PARTITION, segment), false, true, 0, 0, 1, 1, 10, 0, bytes);
    }

    @Test
    void tellsTheLargestCopyOfEachSegment() {
        Map<DiskId, List<SegmentReport>> disks =
                Map.of(disk(0), List.of(held(4, 100), held(5, 7)), disk(1), List.of(held(4, 90)), disk(2), List.of());

        CompletableFuture<Map<Long, Long>> told = HotBytes.ask(
                PARTITION,
                cluster,
                (disk, partition, answer) -> answer.accept(new Answer.Ok<>(disks.getOrDefault(disk, List.of()))));

        assertThat(told).isCompletedWithValue(Map.of(4L, 100L, 5L, 7L));
    }

    @Test
    void takesALiveDiskThatDoesNotAnswerForNoEmptyOne() {
        CompletableFuture<Map<Long, Long>> told = HotBytes.ask(
                PARTITION,
                cluster,
                (disk, partition, answer) -> answer.accept(
                        disk.equals(disk(1)) ? new Answer.Failed<>("timed out") : new Answer.Ok<>(List.of())));

        assertThatThrownBy(told::join).hasMessageContaining(disk(1).toString()).hasMessageContaining("timed out");
    }

    @Test
    void doesWithoutADiskThatIsGoneWhenItDoesNotAnswer() {
        CompletableFuture<Map<Long, Long>> told = HotBytes.ask(PARTITION, cluster, (disk, partition, answer) -> {
            if (disk.equals(disk(2))) {
                cluster.storageNodes(2);
            }
            answer.accept(disk.equals(disk(2)) ? new Answer.Failed<>("reset") : new Answer.Ok<>(List.of(held(4, 1))));
        });

        assertThat(told).isCompletedWithValue(Map.of(4L, 1L));
    }

    @Test
    void knowsOfNothingWhereNoDiskLives() {
        CompletableFuture<Map<Long, Long>> told =
                HotBytes.ask(PARTITION, new FakeCluster(0), (disk, partition, answer) -> {
                    throw new AssertionError("there is none to ask");
                });

        assertThat(told).isCompletedWithValue(Map.of());
    }
}
