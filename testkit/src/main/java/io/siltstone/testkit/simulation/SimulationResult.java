package io.siltstone.testkit.simulation;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one seed ended.
 *
 * @param rule the rule that does not hold; null where all do
 * @param what in words
 * @param story what happened, a line each; empty unless it was asked for
 * @param acknowledged how many batches were acknowledged
 * @param events how many events ran
 */
public record SimulationResult(
        long seed, @Nullable String rule, String what, List<String> story, int acknowledged, long events) {

    public boolean failed() {
        return rule != null;
    }
}
