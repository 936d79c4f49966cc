package io.siltstone.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class RecordHashTest {
    private final RecordHash hash = new RecordHash();

    @Test
    void isTheSameForTheSameRecord() {
        assertThat(hash.of(1, bytes("a"), bytes("b"))).isEqualTo(new RecordHash().of(1, bytes("a"), bytes("b")));
    }

    @Test
    void tellsTimestampsKeysAndValuesApart() {
        assertThat(new long[] {
                    hash.of(1, bytes("a"), bytes("b")),
                    hash.of(2, bytes("a"), bytes("b")),
                    hash.of(1, bytes("ab"), bytes("")),
                    hash.of(1, bytes(""), bytes("ab")),
                    hash.of(1, null, bytes("ab")),
                    hash.of(1, bytes("a"), null)
                })
                .doesNotHaveDuplicates()
                .doesNotContain(0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
