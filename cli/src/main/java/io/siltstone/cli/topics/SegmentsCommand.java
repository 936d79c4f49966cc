package io.siltstone.cli.topics;

import io.siltstone.cli.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code siltstone segments}: where each segment of a topic lives. */
@Command(
        name = "segments",
        mixinStandardHelpOptions = true,
        description = {
            "Shows where each segment of a topic lives: open, closed (not yet trimmed from the storage nodes) or tiered.",
            "With --json an array of partition, segment, state, baseOffset, endOffset, ensemble, hotBytes, tieredBytes,"
                    + " object.",
            "Asks again about partitions for which no node answers, for --timeout. Those that are left are named on stderr;"
                    + " exit code 1, and with --json no array."
        })
public final class SegmentsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "The topic.")
    private String topic;

    @Mixin
    private ClusterOption cluster;

    @Option(
            names = "--timeout",
            defaultValue = "10",
            paramLabel = "SECONDS",
            description =
                    "How long to ask again about partitions that are being taken over (default ${DEFAULT-VALUE}).")
    private long timeoutSeconds;

    @Override
    public Integer call() throws InterruptedException {
        TopicSegments found;
        try (Admin admin = cluster.admin()) {
            found = new SegmentSurvey(new IngestHttp(admin), Duration.ofSeconds(timeoutSeconds)).look(topic);
        }
        return tell(
                found,
                topic,
                cluster.json(),
                spec.commandLine().getOut(),
                spec.commandLine().getErr());
    }

    /** Writes what was found, and what is missing to {@code err}; what a program reads is complete or not there. */
    static int tell(TopicSegments found, String topic, boolean json, PrintWriter out, PrintWriter err) {
        boolean complete = found.unanswered().isEmpty();
        if (!json) {
            table(found.lines(), out);
        } else if (complete) {
            out.println(Json.pretty(found.lines()));
        }
        out.flush();
        if (!complete) {
            err.println("siltstone: " + found.unanswered().message(topic));
            err.flush();
        }
        return complete ? 0 : 1;
    }

    private static void table(List<SegmentLine> segments, PrintWriter out) {
        out.printf(
                "%9s %8s %-7s %15s %15s %13s %13s %s%n",
                "partition", "segment", "state", "base offset", "end offset", "hot bytes", "tiered bytes", "object");
        segments.forEach(line -> out.printf(
                "%9d %8d %-7s %,15d %,15d %,13d %,13d %s%n",
                line.partition(),
                line.segment(),
                line.state(),
                line.baseOffset(),
                line.endOffset(),
                line.hotBytes(),
                line.tieredBytes(),
                line.object() == null ? String.join(",", line.ensemble()) : line.object()));
    }
}
