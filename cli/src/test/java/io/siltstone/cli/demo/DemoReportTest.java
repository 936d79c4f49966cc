package io.siltstone.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DemoReportTest {
    @Test
    void saysWhetherPausesAreWithinTheirLimitsWhichDecideNothing() {
        DemoReport report = report(new DemoReport.Pauses(4_999, 1_000));

        assertThat(report.table())
                .containsPattern("ingest node killed +4,999 ms, within 5,000 ms")
                .containsPattern("storage node killed +1,000 ms, OVER 1,000 ms");
        assertThat(report.passed()).isTrue();
    }

    private static DemoReport report(DemoReport.Pauses pauses) {
        return new DemoReport(
                10, 10, Map.of("classic", 10L), 10, 0, 0, 0, 100, 101, 3, 50, 0, true, 1.5, pauses, List.of());
    }
}
