package io.siltstone.cli.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeTextTest {
    @ParameterizedTest
    @CsvSource({
        "2001-01-01T00:01, 2001-01-01T00:01:00Z",
        "2001-01-01 00:01:02, 2001-01-01T00:01:02Z",
        "2001-01-01T00:01:02.345, 2001-01-01T00:01:02.345Z",
        "2001-01-01T00:01:02Z, 2001-01-01T00:01:02Z",
        "2001-01-01T02:01:02+02:00, 2001-01-01T00:01:02Z",
        "2001-01-01, 2001-01-01T00:00:00Z",
        "978307262, 2001-01-01T00:01:02Z",
        "978307262345, 2001-01-01T00:01:02.345Z"
    })
    void readsTimesAsTheyAreWritten(String text, Instant expected) {
        assertThat(new TimeText().millis(text)).isEqualTo(expected.toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "soon", "2001-13-01", "12:30"})
    void refusesWhatIsNoTime(String text) {
        assertThatThrownBy(() -> new TimeText().millis(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void doesNotAnswerFromMemoryForAnotherText() {
        TimeText time = new TimeText();

        assertThat(time.millis("1970-01-01")).isZero();
        assertThat(time.millis("1970-01-02")).isEqualTo(86_400_000L);
    }
}
