package io.siltstone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.client.BucketFixture.Timed;
import io.siltstone.client.source.BucketSource;
import io.siltstone.client.source.DirectoryBucket;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.proto.Root;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerifyTest {

    @TempDir
    Path folder;

    private BucketFixture bucket;
    private BucketFixture.Topic topic;

    @BeforeEach
    void writeBucket() {
        bucket = new BucketFixture(folder, 1_000);
        topic = bucket.topic("flights", 2);
        for (int i = 0; i < 20; i++) {
            topic.partition(0).segment(5, 10, i * 100L, 20);
        }
        topic.partition(1).segment(5, 30, 0, 20);
    }

    private VerifyReport verify() {
        try (BucketSource source = new BucketSource(new DirectoryBucket(folder))) {
            return new Verify(source, report -> {}).topic("flights");
        }
    }

    @Test
    void countsWhatItWentThrough() {
        VerifyReport report = verify();

        assertThat(report.partitions()).isEqualTo(2);
        assertThat(report.objects()).isEqualTo(21);
        assertThat(report.roots()).isEqualTo(21);
        assertThat(report.offsets()).isEqualTo(230);
        assertThat(report.batches()).isEqualTo(46);
    }

    @Test
    void everyFlippedByteOfTheBucketIsFoundAndItsObjectNamed() throws Exception {
        for (Path file : bucket.files()) {
            for (int i = 0; i < Files.size(file); i += 37) {
                BucketFixture.flip(file, i);
                assertThatThrownBy(this::verify)
                        .as("%s, byte %d", file, i)
                        .isInstanceOf(CorruptObjectException.class)
                        .hasMessageContaining(folder.relativize(file).toString());
                BucketFixture.flip(file, i);
            }
        }
    }

    @Test
    void anOlderDescriptionIsCheckedToo() throws Exception {
        bucket.describeAgain(topic, 2);
        bucket.describeAgain(topic, 3);
        Path second = bucket.path(BucketFixture.CLUSTER.topicDescription(topic.id, 2));

        BucketFixture.flip(second, 30);
        assertThatThrownBy(this::verify).hasMessageContaining(topic.id + "/topic/0000000000000000002");
        Files.delete(second);
        assertThatThrownBy(this::verify).hasMessageContaining(topic.id + "/topic/0000000000000000002");
    }

    @Test
    void aNodeThatOnlyOlderRootsNameMayBeGone() throws Exception {
        for (int i = 0; i < 20; i++) {
            topic.partition(0).segment(5, 10, 2_000 + i * 100L, 20);
        }
        Set<String> current = Set.copyOf(
                topic.partition(0).tree().nodeKeys().toCompletableFuture().join());
        Path older = bucket.files().stream()
                .filter(file -> file.toString().contains("/nodes/"))
                .filter(file -> !current.contains(folder.relativize(file).toString()))
                .findFirst()
                .orElseThrow();

        BucketFixture.flip(older, 30);
        assertThatThrownBy(this::verify)
                .hasMessageContaining(folder.relativize(older).toString());
        Files.delete(older);
        assertThat(verify().offsets()).isEqualTo(430);
    }

    @Test
    void aRootTakenOutOfTheChainIsMissed() throws Exception {
        Files.delete(bucket.path(topic.partition(0).keys.root(1, 7)));

        assertThatThrownBy(this::verify).hasMessageContaining("the root is missing");
    }

    @Test
    void droppedHistoryIsNoGap() {
        topic.partition(0).dropBelow(55);

        assertThat(verify().offsets()).isEqualTo(180);
    }

    @Test
    void everythingDroppedIsNoFault() {
        topic.partition(0).dropBelow(200);

        assertThat(verify().offsets()).isEqualTo(30);
    }

    @Test
    void aManifestWithoutItsFirstRangesHasAGap() {
        topic.partition(0).forgeNewestRoot(Root.Builder::clearTree);

        assertThatThrownBy(this::verify)
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(topic.partition(0).newestRoot())
                .hasMessageContaining("starts at 170, not at 0");
    }

    @Test
    void aLogStartBelowTheFirstRangeIsNoExcuseForAGap() {
        topic.partition(0).forgeNewestRoot(root -> root.clearTree().setLogStart(169));

        assertThatThrownBy(this::verify).hasMessageContaining("starts at 170, not at 0");
    }

    @Test
    void aGapThatReachesOverTheLogStartIsFoundInsideANode() {
        long bytes = bytesOf(10);
        topic.partition(0)
                .forgeLeaf(
                        leaf -> leaf.removeRanges(1),
                        root -> root.setLogStart(10)
                                .getTreeBuilder()
                                .setRanges(root.getTree().getRanges() - 1)
                                .setBytes(root.getTree().getBytes() - bytes));

        assertThatThrownBy(this::verify)
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining("starts at 20");
    }

    private long bytesOf(long offset) {
        return topic.partition(0)
                .tree()
                .lookupByOffset(offset)
                .toCompletableFuture()
                .join()
                .orElseThrow()
                .bytes();
    }

    @Test
    void recordsThatWereDroppedBeforeTheyReachedTheBucketAreNoGap() {
        BucketFixture.Partition partition = topic.partition(1);
        partition.skipTo(50);
        partition.segment(60, 5, new Timed(1, 1), new Timed(2, 1));
        partition.skipTo(90);
        partition.segment(90, 5, new Timed(3, 1), new Timed(4, 1));

        assertThat(verify().offsets()).isEqualTo(234);
    }

    @Test
    void theNewestRootIsMissedByTheObjectThatItBrought() throws Exception {
        Files.delete(bucket.path(topic.partition(0).newestRoot()));

        assertThatThrownBy(this::verify)
                .isInstanceOf(CorruptObjectException.class)
                .hasMessageContaining(topic.partition(0).keys.segmentsFrom(190))
                .hasMessageContaining("a root was removed");
    }

    @Test
    void allRootsOfAPartitionAreMissed() throws Exception {
        Files.delete(bucket.path(topic.partition(1).newestRoot()));

        assertThatThrownBy(this::verify)
                .hasMessageContaining(topic.partition(1).keys.segmentsFrom(0));
    }

    @Test
    void aNodeOfALaterRootIsFound() {
        String node = topic.partition(0).keys.node(1, 20, "u20", 0);
        bucket.putStranger(node);

        assertThatThrownBy(this::verify).hasMessageContaining(node);
    }

    @Test
    void aDescriptionThatToldOfMorePartitionsIsMissed() throws Exception {
        BucketFixture.Topic grown = bucket.topic("ships", 1);
        grown.partition(0).segment(1, 1, 0, 1);
        bucket.describeAgain(grown, 2, 2);
        bucket.putStranger(BucketFixture.CLUSTER.partition(grown.id, 1).segment(0, 1, "a"));
        String second = BucketFixture.CLUSTER.topicDescription(grown.id, 2);
        Files.delete(bucket.path(second));

        try (BucketSource source = new BucketSource(new DirectoryBucket(folder))) {
            assertThatThrownBy(() -> new Verify(source, report -> {}).topic("ships"))
                    .isInstanceOf(CorruptObjectException.class)
                    .hasMessageContaining(second);
        }
    }

    @Test
    void uploadsThatLaterCommitsPassedAreNoFault() {
        BucketFixture.Partition partition = topic.partition(0);
        bucket.putStranger(partition.keys.segment(199, 1, "passed"));
        bucket.putStranger(partition.keys.segment(200, 0, "formerowner"));
        bucket.putStranger(partition.keys.node(1, 19, "sameroot", 9));
        bucket.putStranger(partition.keys.node(0, 99, "formerowner", 0));

        assertThat(verify().objects()).isEqualTo(21);
    }

    @Test
    void anUploadThatRetentionOvertookIsNoFault() {
        BucketFixture.Partition partition = topic.partition(0);
        partition.dropBelow(300);
        bucket.putStranger(partition.keys.segment(200, 1, "overtaken"));

        assertThat(verify().offsets()).isEqualTo(30);
    }

    @Test
    void aCommitUnderWayIsNoFault() {
        LateRoot late =
                new LateRoot(new DirectoryBucket(folder), topic.partition(0).newestRoot(), 4);

        try (BucketSource source = new BucketSource(late)) {
            assertThat(new Verify(source, report -> {}).topic("flights").partitions())
                    .isEqualTo(2);
        }
        assertThat(late.isThere()).isTrue();
    }
}
