package io.siltstone.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** kcat, an old librdkafka. */
@ExtendWith(ClusterUnderTest.class)
class KcatTest {

    private final String topic = "kcat-" + UUID.randomUUID();

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void readsWhatItProduced(String compression, ClusterUnderTest.Address cluster) {
        produce(cluster, 0, 200, "-z", compression);

        String read =
                kcat("", "-b", cluster.bootstrap(), "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-f", "%k:%s\\n");

        assertThat(read.lines()).containsExactlyInAnyOrderElementsOf(lines(0, 200));
    }

    @Test
    void goesOnInAGroupWhereItStopped(ClusterUnderTest.Address cluster) {
        produce(cluster, 0, 100);
        assertThat(readInGroup(cluster, 100)).containsExactlyInAnyOrderElementsOf(lines(0, 100));

        produce(cluster, 100, 150);

        assertThat(readInGroup(cluster, 50)).containsExactlyInAnyOrderElementsOf(lines(100, 150));
    }

    private void produce(ClusterUnderTest.Address cluster, int from, int to, String... more) {
        String input = lines(from, to).stream().collect(Collectors.joining("\n", "", "\n"));
        String[] base = {"-b", cluster.bootstrap(), "-P", "-t", topic, "-K", ":"};
        kcat(input, concat(base, more));
    }

    private List<String> readInGroup(ClusterUnderTest.Address cluster, int count) {
        return kcat(
                        "",
                        "-b",
                        cluster.bootstrap(),
                        "-X",
                        "auto.offset.reset=earliest",
                        "-c",
                        String.valueOf(count),
                        "-q",
                        "-f",
                        "%k:%s\\n",
                        "-G",
                        topic + "-group",
                        topic)
                .lines()
                .toList();
    }

    private static String kcat(String input, String... arguments) {
        ExternalProgram.assumePresent("kcat");
        return ExternalProgram.run(Path.of("."), input, concat(new String[] {"kcat"}, arguments));
    }

    private static List<String> lines(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "key" + i + ":value" + i).toList();
    }

    private static String[] concat(String[] first, String[] second) {
        return Stream.of(first, second).flatMap(Arrays::stream).toArray(String[]::new);
    }
}
