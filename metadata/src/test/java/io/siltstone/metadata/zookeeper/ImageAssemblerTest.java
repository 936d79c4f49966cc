package io.siltstone.metadata.zookeeper;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.PartitionStateCodec;
import io.siltstone.metadata.ClusterChange;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.ImageEdit;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.PartitionImage;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.TopicImage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ImageAssemblerTest {

    private static final UUID TOPIC = new UUID(1, 1);
    private static final PartitionId PARTITION = new PartitionId(TOPIC, 0);

    private final Znodes znodes = new Znodes("/root");
    private final ImageAssembler assembler = new ImageAssembler("/root");
    private ClusterImage image = ClusterImage.empty("cluster");

    @Test
    void leavesImageAsItWasWhenZnodeCannotBeRead() {
        PartitionImage known = new PartitionImage(PartitionState.initial(), 3);
        see(znodes.partition(PARTITION), PartitionStateCodec.encode(known.state()), 3, 1);

        ClusterChange change = see(znodes.partition(PARTITION), new byte[] {1, 2, 3}, 4, 1);

        assertThat(change.isEmpty()).isTrue();
        assertThat(image.partition(PARTITION)).contains(known);
    }

    @Test
    void showsSecondTopicOfNameInPlaceOfTheFirst() {
        TopicImage first = new TopicImage("a.b", TOPIC, 1, Map.of(), 5);
        TopicImage second = new TopicImage("a_b", new UUID(2, 2), 1, Map.of(), 6);
        see(znodes.topic("a.b"), ZnodeCodec.topic(first), 0, 1);

        ClusterChange change = see(znodes.topic("a_b"), ZnodeCodec.topic(second), 0, 2);

        assertThat(change.topics()).containsExactlyInAnyOrder(first.id(), second.id());
        assertThat(image.topics()).isEqualTo(Map.of("a_b", second));
        assertThat(image.topicsById()).isEqualTo(Map.of(second.id(), second));
    }

    @Test
    void showsTheIncarnationThatRegisteredLast() {
        IngestNodeImage before = new IngestNodeImage(new Owner(1, 7), "host", 9092, "", "", false);
        IngestNodeImage after = new IngestNodeImage(new Owner(1, 8), "host", 9092, "", "", false);
        see(znodes.ingestNode(after.owner()), ZnodeCodec.ingestNode(after), 0, 20);
        see(znodes.ingestNode(before.owner()), ZnodeCodec.ingestNode(before), 0, 10);
        assertThat(image.ingestNodes()).isEqualTo(Map.of(1, after));

        see(znodes.ingestNode(before.owner()), null, 0, 0);
        assertThat(image.ingestNodes()).isEqualTo(Map.of(1, after));
        see(znodes.ingestNode(after.owner()), null, 0, 0);

        assertThat(image.ingestNodes()).isEmpty();
    }

    @Test
    void fallsBackToWhatIsRegisteredWhenDiskIsNotLive() {
        StorageDiskImage disk =
                new StorageDiskImage(new DiskId(new UUID(3, 3)), 9, "storage-1", "host", 7000, "", "zone", true, true);
        see(znodes.disk(disk.disk()), ZnodeCodec.storageDisk(disk), 0, 1);
        assertThat(image.storageDisk(disk.disk())).contains(disk.withLive(false));

        see(znodes.liveDisk(disk.disk(), 9), ZnodeCodec.storageDisk(disk.withWritable(false)), 0, 2);
        assertThat(image.storageDisk(disk.disk())).contains(disk.withWritable(false));
        see(znodes.liveDisk(disk.disk(), 9), null, 0, 0);

        assertThat(image.storageDisk(disk.disk())).contains(disk.withLive(false));
    }

    @Test
    void namesCandidateWithLowestSequenceController() {
        see(znodes.election() + "/_c_x-latch-0000000012", candidate(2), 0, 1);
        see(znodes.election() + "/_c_y-latch-0000000007", candidate(1), 0, 1);
        assertThat(image.controller()).isEqualTo(new Owner(1, -1));

        see(znodes.election() + "/_c_y-latch-0000000007", null, 0, 0);

        assertThat(image.controller()).isEqualTo(new Owner(2, -1));
    }

    @Test
    void ignoresZnodesThatItDoesNotKnow() {
        assertThat(see("/root", new byte[0], 0, 1).isEmpty()).isTrue();
        assertThat(see("/root/later", new byte[0], 0, 1).isEmpty()).isTrue();
        assertThat(see("/root/later/x", new byte[0], 0, 1).isEmpty()).isTrue();
        assertThat(see("/root/partitions/not-a-uuid/0", new byte[0], 0, 1).isEmpty())
                .isTrue();
    }

    private ClusterChange see(String path, byte @Nullable [] data, int version, long created) {
        ImageEdit edit = new ImageEdit(image);
        assembler.apply(edit, path, data, version, created);
        ClusterChange change = edit.finish();
        image = change.after();
        return change;
    }

    private static byte[] candidate(int node) {
        return ElectionCandidate.idOf(new Owner(node, -1)).getBytes(StandardCharsets.UTF_8);
    }
}
