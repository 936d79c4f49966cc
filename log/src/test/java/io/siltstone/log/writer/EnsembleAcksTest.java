package io.siltstone.log.writer;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Quorum;
import io.siltstone.log.writer.EnsembleAcks.Replica;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class EnsembleAcksTest {

    private static final Quorum TWO_OF_THREE = new Quorum(3, 2);

    @Test
    void countsAnEntryAsFsyncedByTheQuorumOnceEnoughReplicasHaveIt() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "b", "c");

        // when
        acknowledge(acks, 7, 5, -1);

        // then
        assertThat(acks.byQuorum()).isEqualTo(5);
        assertThat(acks.byAllLive()).isEqualTo(-1);
    }

    @Test
    void countsNothingWhileOneReplicaAloneHasIt() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "b", "c");

        // when
        acknowledge(acks, 7, -1, -1);

        // then
        assertThat(acks.byQuorum()).isEqualTo(-1);
    }

    @Test
    void asksForTwoFailureDomainsWhereTheEnsembleHasTwo() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "a", "b");

        // when
        acknowledge(acks, 9, 9, 4);

        // then
        assertThat(acks.byQuorum()).isEqualTo(4);
    }

    @Test
    void asksForTheCountAloneWhereAllAreInOneFailureDomain() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "a", "a");

        // when
        acknowledge(acks, 9, 8, -1);

        // then
        assertThat(acks.byQuorum()).isEqualTo(8);
        assertThat(acks.canConfirm()).isTrue();
    }

    @Test
    void oneAcknowledgementNeedsNoSecondFailureDomain() {
        // given
        EnsembleAcks acks = ensemble(new Quorum(1, 1), "a");

        // when
        acknowledge(acks, 3);

        // then
        assertThat(acks.byQuorum()).isEqualTo(3);
    }

    @Test
    void acknowledgementsNeverFall() {
        // given
        Replica replica = ensemble(TWO_OF_THREE, "a", "b", "c").replicas().get(0);

        // when
        boolean first = replica.acknowledge(5);
        boolean lower = replica.acknowledge(4);
        boolean same = replica.acknowledge(5);

        // then
        assertThat(first).isTrue();
        assertThat(lower).isFalse();
        assertThat(same).isFalse();
        assertThat(replica.acked()).isEqualTo(5);
    }

    @Test
    void replicaThatWasGivenUpStillCountsForTheQuorumButIsNotWaitedFor() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "b", "c");
        acknowledge(acks, 7, 6, 2);

        // when
        acks.replicas().get(0).giveUp();
        acks.replicas().get(2).giveUp();

        // then
        assertThat(acks.byQuorum()).isEqualTo(6);
        assertThat(acks.byAllLive()).isEqualTo(6);
        assertThat(acks.live()).isEqualTo(1);
        assertThat(acks.givenUp()).isEqualTo(Set.of(disk(0), disk(2)));
    }

    @Test
    void cannotConfirmWithLiveReplicasInOneOfTwoFailureDomains() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "a", "b");
        boolean before = acks.canConfirm();

        // when
        acks.replicas().get(2).giveUp();

        // then
        assertThat(before).isTrue();
        assertThat(acks.canConfirm()).isFalse();
    }

    @Test
    void cannotConfirmWithFewerLiveReplicasThanTheAckQuorum() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "b", "c");

        // when
        acks.replicas().get(0).giveUp();
        boolean withTwo = acks.canConfirm();
        acks.replicas().get(1).giveUp();

        // then
        assertThat(withTwo).isTrue();
        assertThat(acks.canConfirm()).isFalse();
    }

    @Test
    void knowsNoDiskOutsideTheEnsemble() {
        // given
        EnsembleAcks acks = ensemble(TWO_OF_THREE, "a", "b", "c");

        // then
        assertThat(acks.of(disk(1))).isSameAs(acks.replicas().get(1));
        assertThat(acks.of(disk(3))).isNull();
    }

    private static void acknowledge(EnsembleAcks acks, long... lastEntries) {
        for (int i = 0; i < lastEntries.length; i++) {
            acks.replicas().get(i).acknowledge(lastEntries[i]);
        }
    }

    private static DiskId disk(int number) {
        return new DiskId(new UUID(0, number + 1));
    }

    private static EnsembleAcks ensemble(Quorum quorum, String... domains) {
        Map<DiskId, String> domainOf = new HashMap<>();
        List<DiskId> ensemble = new ArrayList<>();
        for (int i = 0; i < domains.length; i++) {
            ensemble.add(disk(i));
            domainOf.put(disk(i), domains[i]);
        }
        return new EnsembleAcks(ensemble, quorum, disk -> domainOf.getOrDefault(disk, ""), new LogRules());
    }
}
