package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.PartitionStateCodec;
import io.siltstone.log.chain.Quorum;
import io.siltstone.log.chain.SegmentEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SegmentListRoomTest {

    private static final int ZNODE_BYTES = 64 << 10;

    @Test
    void producersWaitTheLongerTheFullerTheListIs() {
        int middle = (SegmentListRoom.SLOW_FROM + SegmentListRoom.FULL_AT) / 2;

        assertThat(SegmentListRoom.delayMs(1)).isZero();
        assertThat(SegmentListRoom.delayMs(SegmentListRoom.SLOW_FROM)).isZero();
        assertThat(SegmentListRoom.delayMs(middle)).isEqualTo(1_250);
        assertThat(SegmentListRoom.delayMs(SegmentListRoom.FULL_AT)).isEqualTo(5_000);
        assertThat(SegmentListRoom.delayMs(2 * SegmentListRoom.FULL_AT)).isEqualTo(5_000);
        assertThat(SegmentListRoom.isFull(SegmentListRoom.FULL_AT - 1)).isFalse();
        assertThat(SegmentListRoom.isFull(SegmentListRoom.FULL_AT)).isTrue();
    }

    @Test
    void fullListLeavesRoomInTheZnodeForRollsAndTakeovers() {
        List<DiskId> ensemble = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            ensemble.add(new DiskId(new UUID(Long.MIN_VALUE + i, Long.MIN_VALUE)));
        }
        long offset = 1L << 50;
        long createdMs = 1_800_000_000_000L;
        List<ChainSegment> segments = new ArrayList<>();
        for (int i = 0; i < SegmentListRoom.FULL_AT; i++) {
            segments.add(new ChainSegment.Open(1 << 20 | i, offset + i, 1 << 20, new Quorum(3, 2), ensemble, createdMs)
                    .close(new SegmentEnd(1 << 20, offset + i + 1, createdMs, offset + i)));
        }
        Owner owner = new Owner(1_000, Long.MIN_VALUE);
        PartitionState state = new PartitionState(1 << 20, owner, owner, segments, null, offset, 1 << 21, 1 << 20);

        assertThat(PartitionStateCodec.encode(state)).hasSizeLessThan(ZNODE_BYTES * 7 / 8);
    }
}
