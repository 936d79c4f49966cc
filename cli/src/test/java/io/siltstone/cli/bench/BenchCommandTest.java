package io.siltstone.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.siltstone.cli.CommandRun;
import io.siltstone.cli.SharedCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Small runs of the whole bench against a small cluster. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class BenchCommandTest {
    @RegisterExtension
    static final SharedCluster CLUSTER = new SharedCluster();

    @Test
    void measuresEachWorkloadColdAndWarm() throws Exception {
        CommandRun run = bench("--pids", String.valueOf(ProcessHandle.current().pid()), "--json");

        assertThat(run.exit()).as(run.err()).isZero();
        JsonNode results = new ObjectMapper().readTree(run.out());
        List<String> phases = new ArrayList<>();
        results.forEach(result -> phases.add(
                result.path("workload").asText() + " " + result.path("phase").asText()));
        assertThat(phases)
                .containsExactly(
                        "produce cold",
                        "produce warm",
                        "tail cold",
                        "tail warm",
                        "end-to-end cold",
                        "end-to-end warm",
                        "backlog cold",
                        "backlog warm");
        double cpuSecondsPerGiB = 0;
        for (JsonNode result : results) {
            assertThat(result.path("mbPerSecond").asDouble()).isPositive();
            assertThat(result.path("cpuSecondsPerGiB").isNumber()).isTrue();
            assertThat(result.path("cpuSecondsPerGiB").asDouble()).isNotNegative();
            cpuSecondsPerGiB += result.path("cpuSecondsPerGiB").asDouble();
            assertThat(result.path("residentMiB").asLong()).isPositive();
            boolean read = result.path("workload").asText().equals("backlog");
            assertThat(result.path("latencyMs").path("p999").asDouble()).matches(p999 -> read == (p999 == 0));
        }
        assertThat(cpuSecondsPerGiB).isPositive(); // one phase may take less than the clock's tick
        assertThat(CLUSTER.run("topics", "list").out()).doesNotContain("bench-");
    }

    @Test
    void warmsUpOnceAndReadsBackAllThatItSent() throws Exception {
        CommandRun run = bench("--workload", "produce,backlog", "--warm-up", "2", "--json");

        JsonNode results = new ObjectMapper().readTree(run.out());
        long warmUpRecords = ((2L << 20) - 50_000) / 100;
        assertThat(results.path(2).path("records").asLong()).isEqualTo(500 + warmUpRecords + 500);
        assertThat(results.path(2).has("cpuSecondsPerGiB")).isFalse();
    }

    @Test
    void settlesAfterEachPhaseThatProduces() throws Exception {
        Path settled = CLUSTER.folder().resolve("settled");

        CommandRun run = bench("--workload", "produce", "--settle", "echo {topic} >> " + settled);

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(Files.readAllLines(settled)).hasSize(2).allMatch(line -> line.startsWith("bench-"));
        assertThat(run.out()).contains("p99.9 ms").contains("produce     warm");
    }

    @Test
    void settlesAfterTheWarmUpToo() throws Exception {
        Path settled = CLUSTER.folder().resolve("settled-warm");

        bench("--workload", "produce", "--warm-up", "2", "--settle", "echo {topic} >> " + settled);

        assertThat(Files.readAllLines(settled)).hasSize(3);
    }

    @Test
    void keepsTheResultsBeforeAFailureAndShowsWhatTheSettleCommandSaid() throws Exception {
        Path once = CLUSTER.folder().resolve("once");

        CommandRun run = bench(
                "--workload",
                "produce",
                "--json",
                "--settle",
                "test ! -e " + once + " && touch " + once + " || { echo it is there; exit 3; }");

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("exit code 3", "\n  it is there");
        assertThat(new ObjectMapper().readTree(run.out())).hasSize(1);
    }

    @Test
    void saysWhatIsWrongBeforeItBegins() {
        CommandRun workload = bench("--workload", "nothing");
        CommandRun size = CLUSTER.run("bench", "--record-size", "3");
        CommandRun process = bench("--pids", "999999999");

        assertThat(workload.exit()).isEqualTo(2);
        assertThat(workload.err()).contains("'nothing' is none of produce, tail, end-to-end and backlog");
        assertThat(size.exit()).isEqualTo(2);
        assertThat(size.err()).contains("at least one record of 8 bytes");
        assertThat(process.exit()).isEqualTo(1);
        assertThat(process.err()).contains("process 999999999 cannot be measured");
    }

    private static CommandRun bench(String... more) {
        List<String> args = new ArrayList<>(List.of(
                "bench",
                "--records",
                "500",
                "--record-size",
                "100",
                "--rate",
                "500",
                "--seconds",
                "1",
                "--partitions",
                "2"));
        args.addAll(List.of(more));
        if (!args.contains("--warm-up")) {
            args.addAll(List.of("--warm-up", "0"));
        }
        return CLUSTER.run(args.toArray(String[]::new));
    }
}
