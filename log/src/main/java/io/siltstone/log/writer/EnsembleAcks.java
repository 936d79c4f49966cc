package io.siltstone.log.writer;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Quorum;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What each replica of one segment has fsynced, and what follows from it for the ack quorum (rule 3). Does no I/O;
 * confined to the partition's event loop.
 *
 * <p>Invariants: a replica's acknowledgements are cumulative and never fall; one that was given up stays so, but what it
 * has fsynced still counts.
 */
final class EnsembleAcks {

    /** One disk of the ensemble. */
    static final class Replica {
        final DiskId disk;
        private final String domain;
        private long acked = -1;
        private boolean givenUp;

        private Replica(DiskId disk, String domain) {
            this.disk = disk;
            this.domain = domain;
        }

        /** The last entry that it has fsynced, and all before it; -1 for none. */
        long acked() {
            return acked;
        }

        /** Returns false where that was known. */
        boolean acknowledge(long lastEntry) {
            if (lastEntry <= acked) {
                return false;
            }
            acked = lastEntry;
            return true;
        }

        boolean isGivenUp() {
            return givenUp;
        }

        void giveUp() {
            givenUp = true;
        }
    }

    private final Quorum quorum;
    private final LogRules rules;
    private final List<Replica> replicas = new ArrayList<>();
    private final int domains;
    private final long[] ackedScratch;

    /**
     * Nothing is acknowledged yet.
     *
     * @param domainOf each disk's failure domain
     */
    EnsembleAcks(List<DiskId> ensemble, Quorum quorum, Function<DiskId, String> domainOf, LogRules rules) {
        this.quorum = quorum;
        this.rules = rules;
        for (DiskId disk : ensemble) {
            replicas.add(new Replica(disk, domainOf.apply(disk)));
        }
        domains = (int)
                replicas.stream().map(replica -> replica.domain).distinct().count();
        ackedScratch = new long[replicas.size()];
    }

    /** All of them, in the order of the ensemble. */
    List<Replica> replicas() {
        return replicas;
    }

    /** Null where the disk is not in the ensemble. */
    @Nullable
    Replica of(DiskId disk) {
        for (int i = 0; i < replicas.size(); i++) {
            if (replicas.get(i).disk.equals(disk)) {
                return replicas.get(i);
            }
        }
        return null;
    }

    /** How many were not given up. */
    int live() {
        int live = 0;
        for (Replica replica : replicas) {
            live += replica.givenUp ? 0 : 1;
        }
        return live;
    }

    Set<DiskId> givenUp() {
        Set<DiskId> disks = new HashSet<>();
        for (Replica replica : replicas) {
            if (replica.givenUp) {
                disks.add(replica.disk);
            }
        }
        return disks;
    }

    /** Whether the live replicas are enough, in count and in failure domains, to confirm anything. */
    boolean canConfirm() {
        int needed = quorum.ack();
        long liveDomains = replicas.stream()
                .filter(replica -> !replica.givenUp)
                .map(replica -> replica.domain)
                .distinct()
                .count();
        return live() >= needed && (needed < 2 || liveDomains >= Math.min(2, domains));
    }

    /** The last entry that the ack quorum has fsynced, in two failure domains where the ensemble has two; -1 for none. */
    long byQuorum() {
        int needed = rules.acknowledgementsNeeded(quorum);
        for (int i = 0; i < replicas.size(); i++) {
            ackedScratch[i] = replicas.get(i).acked;
        }
        Arrays.sort(ackedScratch);
        long byCount = ackedScratch[ackedScratch.length - needed];
        if (domains < 2 || needed < 2) {
            return byCount;
        }
        Replica furthest = replicas.get(0);
        for (Replica replica : replicas) {
            furthest = replica.acked > furthest.acked ? replica : furthest;
        }
        long elsewhere = -1;
        for (Replica replica : replicas) {
            if (!replica.domain.equals(furthest.domain)) {
                elsewhere = Math.max(elsewhere, replica.acked);
            }
        }
        return Math.min(byCount, elsewhere);
    }

    /** The last entry that every live replica has fsynced; without a live one, more than any. */
    long byAllLive() {
        long everywhere = Long.MAX_VALUE;
        for (int i = 0; i < replicas.size(); i++) {
            Replica replica = replicas.get(i);
            everywhere = replica.givenUp ? everywhere : Math.min(everywhere, replica.acked);
        }
        return everywhere;
    }
}
