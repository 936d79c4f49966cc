package io.siltstone.tiering.upload;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.chain.Quorum;
import io.siltstone.log.chain.SegmentEnd;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class BacklogTest {

    private static final DiskId A = new DiskId(new UUID(0, 1));
    private static final DiskId B = new DiskId(new UUID(0, 2));
    private static final DiskId C = new DiskId(new UUID(0, 3));

    @Test
    void nothingIsMissingWhereEveryDiskLives() {
        assertThat(Backlog.missingCopies(List.of(segment(0, A, B, C)), Set.of(A, B, C)::contains))
                .isZero();
        assertThat(Backlog.missingCopies(List.of(), Set.of(A)::contains)).isZero();
    }

    @Test
    void deadAndAbsentDisksAreMissingCopies() {
        assertThat(Backlog.missingCopies(List.of(segment(0, A, B, C)), Set.of(A)::contains))
                .isEqualTo(2);
        assertThat(Backlog.missingCopies(List.of(segment(0, A, B)), Set.of(A, B, C)::contains))
                .isEqualTo(1);
    }

    @Test
    void segmentThatIsWorstOffCounts() {
        assertThat(Backlog.missingCopies(List.of(segment(0, A, B, C), segment(1, B, C)), Set.of(A, B)::contains))
                .isEqualTo(2);
    }

    @Test
    void segmentThatNoLiveDiskHoldsDoesNotGoFirst() {
        assertThat(Backlog.missingCopies(List.of(segment(0, A, B, C)), Set.<DiskId>of()::contains))
                .isZero();
        assertThat(Backlog.missingCopies(List.of(segment(0, B, C), segment(1, A, B)), Set.of(A)::contains))
                .isZero();
    }

    @Test
    void onlyWhatASlotWouldUploadCounts() {
        List<ChainSegment.Closed> waiting = new ArrayList<>();
        for (int number = 0; number < 64; number++) {
            waiting.add(segment(number, A, B, C));
        }
        waiting.add(segment(64, A, B));

        assertThat(Backlog.missingCopies(waiting, Set.of(A, B, C)::contains)).isZero();
        assertThat(Backlog.missingCopies(waiting.subList(1, 65), Set.of(A, B, C)::contains))
                .isEqualTo(1);
    }

    @Test
    void uploadEndsBeforeASegmentThatNoLiveDiskHolds() {
        ChainSegment.Closed first = segment(0, A, B);
        ChainSegment.Closed lost = segment(1, B, C);
        ChainSegment.Closed last = segment(2, A, C);

        assertThat(Backlog.nextUpload(List.of(first, lost, last), Set.of(A)::contains))
                .containsExactly(first);
        assertThat(Backlog.nextUpload(List.of(lost, last), Set.of(A)::contains)).containsExactly(lost);
    }

    @Test
    void segmentBeforeAGapInTheNumbersIsTrimmedLikeAnyOther() {
        // given: a takeover has closed segment 1, which was empty, and does not list it any more
        Owner owner = new Owner(1, 7);
        ChainSegment.Open open = new ChainSegment.Open(2, 10, 2, new Quorum(3, 2), List.of(A, B, C), 0);
        PartitionState state = new PartitionState(2, owner, owner, List.of(segment(0, A, B, C), open), null, 10, 3, 0);

        // then
        assertThat(Backlog.trimBelow(state, 2)).hasValue(1);
        assertThat(Backlog.trimBelow(state.trimmedBelow(1), 2)).isEmpty();
    }

    private static ChainSegment.Closed segment(long number, DiskId... ensemble) {
        return new ChainSegment.Open(number, 0, 1, new Quorum(3, 2), List.of(ensemble), 0)
                .close(new SegmentEnd(1, 10, 0, 0));
    }
}
