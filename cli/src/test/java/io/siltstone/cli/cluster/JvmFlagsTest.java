package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class JvmFlagsTest {
    private static final Pattern MEBIBYTES = Pattern.compile("(\\d+)m");

    @ParameterizedTest
    @CsvSource({"ZOOKEEPER,256", "STORAGE_NODE,512", "INGEST_NODE,1024"})
    void givesHeapAndDirectMemoryThatAddUpToTheNodesShare(NodeKind kind, int mebibytes) {
        assertThat(memory(kind, "-Xmx") + memory(kind, "-XX:MaxDirectMemorySize="))
                .isEqualTo(mebibytes);
    }

    @ParameterizedTest
    @EnumSource(NodeKind.class)
    void takesTheWholeHeapAtTheStart(NodeKind kind) {
        assertThat(memory(kind, "-Xms")).isEqualTo(memory(kind, "-Xmx"));
        assertThat(JvmFlags.of(kind)).contains("-XX:+AlwaysPreTouch");
    }

    @Test
    void collectsAStorageNodesGarbageInParallel() {
        assertThat(JvmFlags.of(NodeKind.STORAGE_NODE)).contains("-XX:+UseParallelGC");
    }

    @ParameterizedTest
    @EnumSource(names = {"STORAGE_NODE", "INGEST_NODE"})
    void asksForWhatOnlyLinuxKnowsSoThatOtherSystemsStart(NodeKind kind) {
        assertThat(JvmFlags.of(kind))
                .containsSubsequence("-XX:+IgnoreUnrecognizedVMOptions", "-XX:+UseTransparentHugePages");
    }

    @Test
    void skipsCommentsAndBlankLines() {
        assertThat(JvmFlags.parse("# why\n\n  -Xmx1m  \n-Da=b\n")).isEqualTo(List.of("-Xmx1m", "-Da=b"));
    }

    private static int memory(NodeKind kind, String flag) {
        String value = JvmFlags.of(kind).stream()
                .filter(line -> line.startsWith(flag))
                .map(line -> line.substring(flag.length()))
                .findFirst()
                .orElseThrow();
        Matcher matcher = MEBIBYTES.matcher(value);
        assertThat(matcher.matches()).isTrue();
        return Integer.parseInt(matcher.group(1));
    }
}
