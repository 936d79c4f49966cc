package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.ingest.topic.TopicDefaults;
import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.log.chain.Quorum;
import io.siltstone.metadata.TopicImage;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.junit.jupiter.api.Test;

/** A topic that needs two acknowledgements. */
class AppendRoomTest {

    private static final Quorum QUORUM = new Quorum(3, 2);

    private final TopicSettings settings = new TopicDefaults(Map.of())
            .settings(new TopicImage("orders", new UUID(1, 2), 1, Map.of("min.insync.replicas", "2"), 1));
    private int writableDisks = 3;
    private int liveDisks = 3;
    private int listedSegments = 1;
    private final AppendRoom room = new AppendRoom(
            new TopicPartition("orders", 0),
            () -> settings,
            new StorageDisks() {
                @Override
                public int writable() {
                    return writableDisks;
                }

                @Override
                public int live() {
                    return liveDisks;
                }
            },
            () -> listedSegments);

    @Test
    void thereIsRoomWhileAnAckQuorumOfDisksTakesAppends() {
        // when
        writableDisks = 2;

        // then
        assertThat(room.isLacking()).isFalse();
        assertThat(room.shortage(QUORUM)).isNull();
    }

    @Test
    void appendsWaitWhileDisksThatLiveAreFull() {
        // when
        writableDisks = 1;

        // then
        assertThat(room.isLacking()).isTrue();
    }

    @Test
    void appendsAreRefusedRatherThanKeptWaitingForDisksThatAreGone() {
        // when
        writableDisks = 1;
        liveDisks = 1;

        // then
        assertThat(room.isLacking()).isFalse();
        assertThat(room.shortage(QUORUM))
                .isInstanceOf(NotEnoughReplicasException.class)
                .hasMessageContaining("1 storage disks take appends, orders-0 needs");
    }

    @Test
    void fullListOfSegmentsHasNoRoomAndSlowsProducersMost() {
        // when
        listedSegments = SegmentListRoom.FULL_AT;

        // then
        assertThat(room.isLacking()).isTrue();
        assertThat(room.delayMs()).isEqualTo(5_000);
    }
}
