package io.siltstone.ingest.partition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TimeIndexTest {

    private static final int BLOCK = 256 << 10;

    private final TimeIndex index = new TimeIndex();

    @Test
    void startsBehindWhatIsTooEarly() {
        index.add(0, 100, BLOCK);
        index.add(10, 200, BLOCK);
        index.add(20, 300, BLOCK);

        assertThat(index.startFor(150, 0)).isEqualTo(10);
        assertThat(index.startFor(201, 0)).isEqualTo(20);
    }

    @Test
    void neverStartsBehindALateRecordAmongEarlierOnes() {
        index.add(0, 100, BLOCK);
        index.add(10, 900, BLOCK);
        index.add(20, 200, BLOCK);
        index.add(30, 300, BLOCK);

        assertThat(index.startFor(250, 0)).isEqualTo(10);
    }

    @Test
    void neverStartsBelowWhereItIsAskedFrom() {
        index.add(0, 100, BLOCK);
        index.add(10, 200, BLOCK);

        assertThat(index.startFor(50, 15)).isEqualTo(15);
    }

    @Test
    void goesOnAfterItWasTrimmed() {
        for (int i = 0; i < 100; i++) {
            index.add(i * 10L, i, BLOCK);
        }
        index.trim(500);

        assertThat(index.startFor(70, 500)).isEqualTo(700);
        assertThat(index.startFor(3, 500)).isEqualTo(500);
    }
}
