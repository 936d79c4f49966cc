package io.siltstone.log.writer;

import io.siltstone.log.chain.Quorum;
import java.util.Collection;

/**
 * The decisions on which the rules of the log stand, each in one place. Production uses them as they are here; the
 * simulation overrides one at a time to prove that its checker finds a wrong one.
 */
public class LogRules {

    /** Rule 3: how many disks must have fsynced an entry before it is acknowledged. */
    public int acknowledgementsNeeded(Quorum quorum) {
        return quorum.ack();
    }

    /** Rule 6: how many disks must be fenced so that no ack quorum is left to the old writer. */
    public int fenceAnswersNeeded(int ensembleSize, Quorum quorum) {
        return ensembleSize - quorum.ack() + 1;
    }

    /** Rule 7: the end of a segment, of the last ids that fenced disks told. */
    public long endOf(Collection<Long> lastEntries) {
        return lastEntries.stream().mapToLong(Long::longValue).max().orElseThrow();
    }

    /** Rule 8: the znode version that a closing expects. */
    public int closeExpects(int knownVersion) {
        return knownVersion;
    }

    /** Rule 9: whether answers of disks still count once a roll has begun. */
    public boolean confirmsWhileRolling() {
        return false;
    }
}
