package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShellLineTest {
    @Test
    void leavesPlainWordsAsTheyAre() {
        assertThat(ShellLine.of(List.of("/bin/java", "-Xms1g", "a=b"))).isEqualTo("/bin/java -Xms1g a=b");
    }

    @Test
    void handsWildcardsBlanksAndQuotesToTheCommandUnchanged() throws Exception {
        List<String> words = List.of("printf", "%s\n", "/tmp/a b/lib/*", "it's", "$HOME", "");

        Process shell = new ProcessBuilder("sh", "-c", ShellLine.of(words)).start();

        assertThat(new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEqualTo("/tmp/a b/lib/*\nit's\n$HOME\n\n");
    }
}
