package io.siltstone.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    private static final long FAR = 1_000_000;

    @TempDir
    Path dir;

    private Ledger acknowledged;
    private Ledger came;

    @BeforeEach
    void ledgers() {
        acknowledged = new Ledger(dir.resolve("acknowledged"), 2);
        came = new Ledger(dir.resolve("came"), 2);
    }

    @Test
    void isCleanWhenEverythingCameBack() {
        for (long offset = 0; offset < 300_000; offset++) {
            acknowledged.add(1, offset, offset + 7);
            came.add(1, offset, offset + 7);
        }
        acknowledged.add(0, FAR, 5);
        came.add(0, FAR, 5);

        assertFound(0, 0, 0);
        assertThat(came.records()).isEqualTo(300_001);
    }

    @Test
    void findsAMissingRecord() {
        acknowledged.add(0, 0, 1);
        acknowledged.add(0, 1, 2);
        came.add(0, 0, 1);

        assertFound(1, 0, 0);
    }

    @Test
    void findsARecordThatCameTwice() {
        acknowledged.add(0, 0, 1);
        came.add(0, 0, 1);
        came.add(0, 0, 1);

        assertFound(0, 1, 0);
    }

    @Test
    void findsARecordThatWasStoredTwice() {
        acknowledged.add(0, 0, 1);
        came.add(0, 0, 1);
        came.add(0, 1, 1);

        assertFound(0, 1, 0);
    }

    @Test
    void findsARecordThatChanged() {
        acknowledged.add(0, 0, 1);
        came.add(0, 0, 2);

        Comparison comparison = Comparison.of(acknowledged, came);

        assertThat(comparison.missing().count()).isOne();
        assertThat(comparison.clean()).isFalse();
    }

    @Test
    void findsARecordThatCameTooLate() {
        acknowledged.add(0, 0, 1);
        acknowledged.add(0, 1, 2);
        came.add(0, 1, 2);
        came.add(0, 0, 1);

        assertFound(0, 0, 1);
    }

    @Test
    void tellsTheFirstPlaceOfEachKindOfFault() {
        acknowledged.add(1, 0, 1);
        acknowledged.add(1, 1, 2);
        acknowledged.add(1, 2, 3);
        acknowledged.add(1, 3, 4);
        came.add(1, 3, 4);
        came.add(1, 2, 3);
        came.add(1, 2, 3);

        assertThat(Comparison.of(acknowledged, came).firstPlaces())
                .containsExactly(
                        "first missing: came, partition 1, offset 0",
                        "first duplicated: came, partition 1, offset 2",
                        "first out of order: came, partition 1, offset 2");
    }

    private void assertFound(long missing, long duplicated, long outOfOrder) {
        Comparison comparison = Comparison.of(acknowledged, came);
        assertThat(List.of(
                        comparison.missing().count(),
                        comparison.duplicated().count(),
                        comparison.outOfOrder().count()))
                .containsExactly(missing, duplicated, outOfOrder);
    }
}
