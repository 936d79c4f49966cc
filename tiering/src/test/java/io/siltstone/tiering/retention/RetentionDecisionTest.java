package io.siltstone.tiering.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.tiering.retention.RetentionDecision.Part;
import java.util.List;
import org.junit.jupiter.api.Test;

class RetentionDecisionTest {

    private static final List<Part> PARTS =
            List.of(new Part(100, 1_000, 10_000), new Part(200, 1_000, 20_000), new Part(300, 1_000, 30_000));

    @Test
    void keepsEverythingForEver() {
        assertThat(start(RetentionPolicy.FOR_EVER, Long.MAX_VALUE)).isZero();
    }

    @Test
    void letsGoWhatIsOlderThanItsTime() {
        RetentionPolicy policy = new RetentionPolicy(5_000, -1);
        assertThat(start(policy, 15_000)).isZero();
        assertThat(start(policy, 15_001)).isEqualTo(100);
        assertThat(start(policy, 35_001)).isEqualTo(300);
    }

    @Test
    void keepsWhatStandsBehindSomethingYoung() {
        List<Part> parts = List.of(new Part(100, 1, 50_000), new Part(200, 1, 10_000));
        assertThat(RetentionDecision.newLogStart(new RetentionPolicy(5_000, -1), 0, 2, 30_000, parts))
                .isZero();
    }

    @Test
    void keepsAtLeastTheSizeAskedFor() {
        assertThat(start(new RetentionPolicy(-1, 3_000), 0)).isZero();
        assertThat(start(new RetentionPolicy(-1, 2_001), 0)).isZero();
        assertThat(start(new RetentionPolicy(-1, 2_000), 0)).isEqualTo(100);
        assertThat(start(new RetentionPolicy(-1, 0), 0)).isEqualTo(300);
    }

    @Test
    void neverDropsBySizeWhatIsNotUploaded() {
        List<Part> parts = List.of(new Part(100, 0, 10_000));
        assertThat(RetentionDecision.newLogStart(new RetentionPolicy(-1, 0), 0, 0, 90_000, parts))
                .isZero();
        assertThat(RetentionDecision.newLogStart(new RetentionPolicy(1, 0), 0, 0, 90_000, parts))
                .isEqualTo(100);
    }

    private static long start(RetentionPolicy policy, long nowMs) {
        return RetentionDecision.newLogStart(policy, 0, 3_000, nowMs, PARTS);
    }
}
