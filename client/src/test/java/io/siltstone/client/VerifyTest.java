package io.siltstone.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.client.source.BucketSource;
import io.siltstone.client.source.DirectoryBucket;
import io.siltstone.format.CorruptObjectException;
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
}
