package io.siltstone.testkit.simulation;

import io.siltstone.log.chain.Quorum;
import io.siltstone.log.writer.LogRules;
import io.siltstone.storage.replica.ReplicaRules;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;

/** One rule of the log kept wrongly by the production classes, to prove that the checker would find it. */
public enum Breakage {
    NONE("none", "the rules as production keeps them"),
    RULE_1("1", "a storage node answers before the fsync"),
    RULE_2("2", "a fenced segment still takes its writer's entries"),
    RULE_3("3", "one disk fewer than the ack quorum is enough"),
    RULE_6("6", "one fenced answer is enough"),
    RULE_7("7", "the lowest last entry of the fenced disks is taken for the end"),
    RULE_8("8", "the closing does not compare the znode's version"),
    RULE_9("9", "answers of disks still count after a roll has begun");

    private final String rule;
    private final String what;

    Breakage(String rule, String what) {
        this.rule = rule;
        this.what = what;
    }

    /** The breakage of a rule, by its number. */
    public static Breakage of(String rule) {
        return Arrays.stream(values())
                .filter(breakage -> breakage.rule.equals(rule))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no breakage of rule '" + rule
                        + "'; there are those of rules "
                        + Arrays.stream(values())
                                .filter(breakage -> breakage != NONE)
                                .map(Breakage::rule)
                                .collect(Collectors.joining(", "))));
    }

    public String rule() {
        return rule;
    }

    public String what() {
        return what;
    }

    LogRules logRules() {
        return new LogRules() {
            @Override
            public int acknowledgementsNeeded(Quorum quorum) {
                int needed = super.acknowledgementsNeeded(quorum);
                return Breakage.this == RULE_3 ? Math.max(1, needed - 1) : needed;
            }

            @Override
            public int fenceAnswersNeeded(int ensembleSize, Quorum quorum) {
                return Breakage.this == RULE_6 ? 1 : super.fenceAnswersNeeded(ensembleSize, quorum);
            }

            @Override
            public long endOf(Collection<Long> lastEntries) {
                return Breakage.this == RULE_7
                        ? lastEntries.stream().mapToLong(Long::longValue).min().orElseThrow()
                        : super.endOf(lastEntries);
            }

            @Override
            public int closeExpects(int knownVersion) {
                return Breakage.this == RULE_8 ? -1 : super.closeExpects(knownVersion);
            }

            @Override
            public boolean confirmsWhileRolling() {
                return Breakage.this == RULE_9 || super.confirmsWhileRolling();
            }
        };
    }

    ReplicaRules replicaRules() {
        return new ReplicaRules() {
            @Override
            public long answerable(long taken, long fsynced) {
                return Breakage.this == RULE_1 ? taken : super.answerable(taken, fsynced);
            }

            @Override
            public boolean refusesWriter(boolean fenced) {
                return Breakage.this != RULE_2 && super.refusesWriter(fenced);
            }
        };
    }
}
