package io.siltstone.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
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

        assertThat(Comparison.of(acknowledged, came)).isEqualTo(new Comparison(0, 0, 0));
        assertThat(came.records()).isEqualTo(300_001);
    }

    @Test
    void findsAMissingRecord() {
        acknowledged.add(0, 0, 1);
        acknowledged.add(0, 1, 2);
        came.add(0, 0, 1);

        assertThat(Comparison.of(acknowledged, came)).isEqualTo(new Comparison(1, 0, 0));
    }

    @Test
    void findsARecordThatCameTwice() {
        acknowledged.add(0, 0, 1);
        came.add(0, 0, 1);
        came.add(0, 0, 1);

        assertThat(Comparison.of(acknowledged, came)).isEqualTo(new Comparison(0, 1, 0));
    }

    @Test
    void findsARecordThatWasStoredTwice() {
        acknowledged.add(0, 0, 1);
        came.add(0, 0, 1);
        came.add(0, 1, 1);

        assertThat(Comparison.of(acknowledged, came)).isEqualTo(new Comparison(0, 1, 0));
    }

    @Test
    void findsARecordThatChanged() {
        acknowledged.add(0, 0, 1);
        came.add(0, 0, 2);

        Comparison comparison = Comparison.of(acknowledged, came);

        assertThat(comparison.missing()).isOne();
        assertThat(comparison.clean()).isFalse();
    }

    @Test
    void findsARecordThatCameTooLate() {
        acknowledged.add(0, 0, 1);
        acknowledged.add(0, 1, 2);
        came.add(0, 1, 2);
        came.add(0, 0, 1);

        assertThat(Comparison.of(acknowledged, came)).isEqualTo(new Comparison(0, 0, 1));
    }
}
