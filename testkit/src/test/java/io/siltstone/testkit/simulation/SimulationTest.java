package io.siltstone.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SimulationTest {

    private static final long SEEDS = 1_000;
    private static final long SEEDS_TO_FIND_A_BREAKAGE = 5_000;

    @Test
    void everySeedKeepsEveryRule() {
        long acknowledged = LongStream.range(0, SEEDS)
                .parallel()
                .map(seed -> {
                    SimulationResult result = Simulation.run(seed, Breakage.NONE);
                    if (result.failed()) {
                        fail("rule " + result.rule() + ": " + result.what()
                                + "\nreplay: ./siltstone simulate --seeds 1 --seed " + seed);
                    }
                    return result.acknowledged();
                })
                .sum();

        assertThat(acknowledged).as("batches acknowledged in all seeds").isGreaterThan(10 * SEEDS);
    }

    @Test
    void theSameSeedTellsTheSameStory() {
        assertThat(Simulation.tell(42, Breakage.NONE)).isEqualTo(Simulation.tell(42, Breakage.NONE));
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aBrokenRuleIsFound(Breakage breakage) {
        boolean found = LongStream.range(0, SEEDS_TO_FIND_A_BREAKAGE)
                .anyMatch(seed -> Simulation.run(seed, breakage).failed());

        assertThat(found)
                .as("broken rule " + breakage.rule() + ": " + breakage.what())
                .isTrue();
    }
}
