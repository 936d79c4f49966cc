package io.siltstone.log.writer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.FakeChainStore.Fate;
import io.siltstone.log.writer.LogFixture.TestOwner;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Rules 3 to 9, each as the owner of one partition keeps it. */
class PartitionLogTest {

    private LogFixture fixture = new LogFixture(3);

    @AfterEach
    void releaseDisks() {
        fixture.replicas.release();
    }

    @Test
    void opensANewPartitionAtOffsetZeroWithEpochZero() {
        TestOwner owner = fixture.openOwner();

        assertThat(owner.opened).isTrue();
        assertThat(owner.log.epoch()).isZero();
        assertThat(owner.log.highWatermark()).isZero();
        assertThat(fixture.state().last()).get().isInstanceOf(ChainSegment.Open.class);
    }

    @Test
    void confirmsWhenTheAckQuorumHasFsynced() {
        TestOwner owner = fixture.openOwner();
        fixture.replicas.holding.add(fixture.disk(1));
        fixture.replicas.holding.add(fixture.disk(2));

        owner.append("a");
        fixture.time.advance(5);
        long withOneDisk = owner.confirmed;
        fixture.replicas.letGo(fixture.disk(1));
        fixture.time.advance(5);

        assertThat(withOneDisk).isZero();
        assertThat(owner.confirmed).isEqualTo(1);
    }

    @Test
    void aNewOwnerFindsEverythingThatWasConfirmed() {
        TestOwner first = fixture.openOwner();
        first.append("a");
        first.append("b");
        fixture.time.advance(5);

        TestOwner second = fixture.openOwner();

        assertThat(second.opened).isTrue();
        assertThat(second.appended.toString()).isEqualTo("ab");
        assertThat(second.log.highWatermark()).isEqualTo(2);
        assertThat(second.log.epoch()).isEqualTo(1);
        assertThat(fixture.state().segments()).hasSize(2);
    }

    @Test
    void theOldOwnerIsToldThatItIsFenced() {
        TestOwner first = fixture.openOwner();
        fixture.openOwner();

        first.append("x");
        fixture.time.advance(5);

        assertThat(first.resigned).isEqualTo(Resignation.FENCED);
        assertThat(first.confirmed).isZero();
    }

    @Test
    void recoveryGoesOnWithOneOfThreeDisksMissing() {
        TestOwner first = fixture.openOwner();
        first.append("a");
        fixture.time.advance(5);
        fixture.replicas.unreachable.add(fixture.disk(0));
        fixture.down.add(fixture.disk(0));

        TestOwner second = fixture.openOwner();

        assertThat(second.appended.toString()).isEqualTo("a");
        assertThat(second.opened).isTrue();
    }

    @Test
    void recoveryWaitsForAsManyFencedAnswersAsLeaveNoAckQuorum() {
        TestOwner first = fixture.openOwner();
        first.append("a");
        fixture.time.advance(5);
        fixture.replicas.unreachable.add(fixture.disk(0));
        fixture.replicas.unreachable.add(fixture.disk(1));

        TestOwner second = fixture.openOwner();
        boolean openedWithOneAnswer = second.opened;
        fixture.replicas.unreachable.remove(fixture.disk(0));
        fixture.time.advance(5_000);

        assertThat(openedWithOneAnswer).isFalse();
        assertThat(second.opened).isTrue();
        assertThat(second.appended.toString()).isEqualTo("a");
    }

    @Test
    void anUnknownAnswerIsNotNothingThere() {
        TestOwner first = fixture.openOwner();
        first.append("a");
        fixture.time.advance(5);
        fixture.replicas.wiped.add(fixture.disk(0));
        fixture.replicas.unreachable.add(fixture.disk(1));

        TestOwner second = fixture.openOwner();
        fixture.time.advance(5_000);

        assertThat(second.opened).isFalse();
    }

    @Test
    void aTakeoverDoesNotWaitForASegmentWithoutABatchWhoseOnlyCopyIsGone() {
        TestOwner first = fixture.openOwner();
        first.append("a");
        fixture.time.advance(5);
        fixture.openOwner();
        fixture.replicas.segment(fixture.disk(1), fixture.segment(1)).entries.clear();
        fixture.replicas.segment(fixture.disk(2), fixture.segment(1)).entries.clear();
        fixture.replicas.unreadable.add(fixture.disk(0));

        TestOwner third = fixture.openOwner();
        fixture.time.advance(5_000);

        assertThat(third.opened).isTrue();
        assertThat(third.appended.toString()).isEqualTo("a");
        assertThat(third.log.highWatermark()).isEqualTo(1);
    }

    @Test
    void recoveryCopiesATailThatOneDiskHoldsToAnAckQuorum() {
        TestOwner first = fixture.openOwner();
        fixture.time.advance(5);
        fixture.replicas.unreachable.add(fixture.disk(1));
        fixture.replicas.unreachable.add(fixture.disk(2));
        first.append("a");
        fixture.time.advance(5);
        fixture.replicas.unreachable.clear();

        TestOwner second = fixture.openOwner();
        fixture.time.advance(1_000);

        assertThat(second.appended.toString()).isEqualTo("a");
        long copies = fixture.disks.stream()
                .filter(disk -> fixture.replicas.held(disk, fixture.segment(0)).size() == 2)
                .count();
        assertThat(copies).isGreaterThanOrEqualTo(2);
    }

    @Test
    void recoveryTakesAnotherDiskWhereTooFewOfTheNamedExist() {
        fixture = new LogFixture(4);
        TestOwner first = fixture.openOwner();
        first.append("a");
        fixture.time.advance(5);
        fixture.replicas.wiped.add(fixture.disk(0));
        fixture.down.add(fixture.disk(0));
        TestOwner second = fixture.owner();
        second.log.takeOver();
        fixture.time.advance(1);
        fixture.replicas.wiped.add(fixture.disk(1));
        fixture.down.add(fixture.disk(1));
        fixture.time.advance(20_000);

        ChainSegment.Closed closed =
                (ChainSegment.Closed) fixture.state().segments().get(0);

        assertThat(second.opened).isTrue();
        assertThat(second.appended.toString()).isEqualTo("a");
        assertThat(closed.end().endOffset()).isEqualTo(1);
    }

    @Test
    void rollsToAnotherDiskWhenOneFailsAndResendsTheTail() {
        fixture = new LogFixture(4);
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        owner.append("b");
        fixture.down.add(fixture.disk(0));
        fixture.replicas.breakLink(fixture.disk(0));
        fixture.time.advance(50);

        assertThat(owner.confirmed).isEqualTo(2);
        assertThat(fixture.state().segments()).hasSize(2);
        assertThat(fixture.state().segments().get(1).ensemble())
                .containsExactly(fixture.disk(1), fixture.disk(2), fixture.disk(3));
        assertThat(fixture.openOwner().appended.toString()).isEqualTo("ab");
    }

    @Test
    void theLossOfAZoneDoesNotStopConfirming() {
        fixture.domains.put(fixture.disk(2), "elsewhere");
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        fixture.down.add(fixture.disk(2));
        owner.append("b");
        fixture.replicas.breakLink(fixture.disk(2));
        fixture.time.advance(500);
        long withoutTheZone = owner.confirmed;
        fixture.replicas.unreachable.clear();

        assertThat(withoutTheZone).isEqualTo(2);
    }

    @Test
    void recoveryDoesNotWaitForADiskThatDiedAfterItWasFenced() {
        TestOwner first = fixture.openOwner();
        fixture.time.advance(5);
        fixture.replicas.unreachable.add(fixture.disk(1));
        fixture.replicas.unreachable.add(fixture.disk(2));
        first.append("never acknowledged");
        fixture.time.advance(5);
        fixture.replicas.unreachable.remove(fixture.disk(1));
        fixture.replicas.unreadable.add(fixture.disk(0));

        TestOwner second = fixture.openOwner();
        boolean openedWithoutItsSource = second.opened;
        fixture.replicas.unreachable.clear();
        fixture.replicas.unreachable.add(fixture.disk(0));
        fixture.time.advance(10_000);

        assertThat(openedWithoutItsSource).isFalse();
        assertThat(second.opened).isTrue();
        assertThat(second.log.highWatermark()).isZero();
    }

    @Test
    void goesOnAtTheAckQuorumWithoutABetterEnsemble() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.down.add(fixture.disk(0));
        fixture.replicas.breakLink(fixture.disk(0));
        fixture.time.advance(50);
        owner.append("b");
        fixture.time.advance(50);

        assertThat(owner.confirmed).isEqualTo(2);
        assertThat(fixture.state().segments()).hasSize(1);
    }

    @Test
    void opensAndSealsOnDisksWithoutRoomSoThatTheyCanBeEmptied() {
        TestOwner first = fixture.openOwner();
        first.append("a");
        fixture.time.advance(5);
        fixture.full.addAll(fixture.disks);

        TestOwner second = fixture.openOwner();
        fixture.time.advance(5);

        assertThat(second.opened).isTrue();
        assertThat(fixture.state().segments().get(0)).isInstanceOf(ChainSegment.Closed.class);
        second.append("b");
        fixture.time.advance(5);
        second.log.seal();
        fixture.time.advance(5);
        assertThat(fixture.state().segments().get(1)).isInstanceOf(ChainSegment.Closed.class);
    }

    @Test
    void rollsBackToFullWidthWhenTheDiskReturns() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.down.add(fixture.disk(0));
        fixture.replicas.breakLink(fixture.disk(0));
        fixture.time.advance(50);
        fixture.down.clear();
        fixture.replicas.unreachable.clear();
        fixture.time.advance(60_000);

        assertThat(fixture.state().last())
                .get()
                .satisfies(last -> assertThat(last.ensemble()).hasSize(3))
                .satisfies(last -> assertThat(last.number()).isEqualTo(1));
    }

    @Test
    void diskThatComesAndGoesMakesFewerAndFewerRolls() {
        TestOwner owner = fixture.openOwner();
        int flaps = 60;
        for (int flap = 0; flap < flaps; flap++) {
            owner.append("a");
            fixture.time.advance(50);
            fixture.down.add(fixture.disk(0));
            fixture.replicas.breakLink(fixture.disk(0));
            fixture.time.advance(5_000);
            fixture.down.clear();
            fixture.replicas.unreachable.clear();
            fixture.time.advance(25_000);
        }
        assertThat(fixture.state().nextSegment()).isLessThan(flaps / 6);

        fixture.time.advance(DiskBackoff.LONGEST_REST_MS);
        assertThat(fixture.state().last())
                .get()
                .satisfies(last -> assertThat(last.ensemble()).hasSize(3));
    }

    @Test
    void lateAnswersOfARollingSegmentConfirmNothing() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        fixture.replicas.holding.addAll(fixture.disks);
        owner.append("b");
        fixture.time.advance(5);
        fixture.chains.fates.add(Fate.HELD);

        owner.log.seal();
        fixture.disks.forEach(fixture.replicas::letGo);
        fixture.time.advance(5);
        long whileRolling = owner.confirmed;
        fixture.chains.held.remove().run();
        fixture.time.advance(50);

        assertThat(whileRolling).isEqualTo(1);
        assertThat(owner.confirmed).isEqualTo(2);
        assertThat(fixture.state().segments().get(1).baseOffset()).isEqualTo(1);
    }

    @Test
    void aRollOfUnknownOutcomeThatHappenedIsRecognised() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        fixture.chains.fates.add(Fate.APPLIED_BUT_UNKNOWN);

        owner.log.seal();
        fixture.time.advance(500);
        owner.append("b");
        fixture.time.advance(50);

        assertThat(owner.confirmed).isEqualTo(2);
        assertThat(fixture.state().segments()).hasSize(2);
    }

    @Test
    void aRollOfUnknownOutcomeThatDidNotHappenIsTriedAgain() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        fixture.chains.fates.add(Fate.NOT_APPLIED_AND_UNKNOWN);

        owner.log.seal();
        fixture.time.advance(500);

        assertThat(fixture.state().segments()).hasSize(2);
        assertThat(owner.log.isOpen()).isTrue();
    }

    @Test
    void aClaimOfUnknownOutcomeIsSettledByReading() {
        fixture.chains.fates.add(Fate.APPLIED_BUT_UNKNOWN);

        TestOwner owner = fixture.openOwner();
        fixture.time.advance(500);

        assertThat(owner.opened).isTrue();
        assertThat(owner.log.epoch()).isZero();
    }

    @Test
    void resignsWhenTheZnodeNamesAnotherOwner() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        fixture.chains.set(fixture.state().claimedBy(new Owner(99, 99)));

        owner.log.seal();
        fixture.time.advance(50);

        assertThat(owner.resigned).isEqualTo(Resignation.LOST);
    }

    @Test
    void anAssignmentByTheControllerDoesNotDisturbARoll() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        fixture.chains.set(fixture.state().assignedTo(new Owner(99, 99)));

        owner.log.seal();
        fixture.time.advance(50);

        assertThat(owner.log.isOpen()).isTrue();
        assertThat(fixture.state().segments()).hasSize(2);
        assertThat(fixture.state().assigned()).isEqualTo(new Owner(99, 99));
    }

    @Test
    void ownershipIsConfirmedByAnAckQuorumOnly() {
        TestOwner owner = fixture.openOwner();
        List<Boolean> answers = new ArrayList<>();
        owner.log.confirmOwnership(answers::add);
        fixture.time.advance(5);
        fixture.replicas.unreachable.add(fixture.disk(0));
        fixture.replicas.unreachable.add(fixture.disk(1));
        owner.log.confirmOwnership(answers::add);
        fixture.time.advance(5_000);

        assertThat(answers).containsExactly(true, false);
    }

    @Test
    void ownershipIsNotConfirmedWhileARollIsUnsettled() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");
        fixture.time.advance(5);
        fixture.chains.fates.add(Fate.HELD);
        owner.log.seal();
        List<Boolean> answers = new ArrayList<>();
        owner.log.confirmOwnership(answers::add);
        fixture.time.advance(50);
        List<Boolean> whileRolling = List.copyOf(answers);
        fixture.chains.held.remove().run();
        fixture.time.advance(50);

        assertThat(whileRolling).isEmpty();
        assertThat(answers).containsExactly(true);
    }

    @Test
    void aFencedOwnerDoesNotConfirmItsOwnership() {
        TestOwner first = fixture.openOwner();
        fixture.openOwner();
        List<Boolean> answers = new ArrayList<>();

        first.log.confirmOwnership(answers::add);
        fixture.time.advance(50);

        assertThat(answers).containsExactly(false);
        assertThat(first.resigned).isEqualTo(Resignation.FENCED);
    }

    @Test
    void releasesWithEverythingConfirmedAndNobodyAsOwner() {
        TestOwner owner = fixture.openOwner();
        owner.append("a");

        owner.log.release();
        fixture.time.advance(500);

        assertThat(owner.resigned).isEqualTo(Resignation.RELEASED);
        assertThat(owner.confirmed).isEqualTo(1);
        assertThat(fixture.state().owner()).isNull();
        assertThat(fixture.state().last()).get().isInstanceOf(ChainSegment.Closed.class);
        assertThat(fixture.openOwner().appended.toString()).isEqualTo("a");
    }

    @Test
    void idleTakeoversDoNotFillTheSegmentList() {
        TestOwner first = fixture.openOwner();
        first.append("a");
        fixture.time.advance(50);
        for (int i = 0; i < 20; i++) {
            fixture.openOwner();
            fixture.time.advance(50);
        }

        assertThat(fixture.state().segments()).hasSize(2);
        assertThat(fixture.openOwner().appended.toString()).isEqualTo("a");
    }

    @Test
    void rollsAtTheSizeAskedFor() {
        fixture.settings = new LogSettings(fixture.settings.quorum(), 200, 600_000, 1 << 20, 5_000);
        TestOwner owner = fixture.openOwner();
        for (int i = 0; i < 20; i++) {
            owner.append("x");
            fixture.time.advance(5);
        }

        assertThat(owner.confirmed).isEqualTo(20);
        assertThat(fixture.state().segments().size()).isGreaterThan(4);
        PartitionState state = fixture.state();
        assertThat(((ChainSegment.Closed) state.segments().get(0)).end().maxTimestamp())
                .isGreaterThan(1_000);
    }

    @Test
    void anEmptySegmentDoesNotRollByAge() {
        fixture.openOwner();
        fixture.time.advance(3_600_000);

        assertThat(fixture.state().segments()).hasSize(1);
    }

    @Test
    void refusesABatchAtAnotherOffset() {
        TestOwner owner = fixture.openOwner();

        assertThatThrownBy(() -> owner.log.append(LogFixture.batch(5, "x"), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("where 0 is next");
    }
}
