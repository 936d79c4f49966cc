package io.siltstone.cli.topics;

import io.siltstone.cli.Json;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
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
            "Partitions for which no node answers at the moment are named on stderr; exit code 1."
        })
public final class SegmentsCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "TOPIC", description = "The topic.")
    private String topic;

    @Mixin
    private ClusterOption cluster;

    @Override
    public Integer call() throws InterruptedException {
        TopicSegments found;
        try (Admin admin = cluster.admin()) {
            found = new IngestHttp(admin).segments(topic);
        }
        List<SegmentLine> segments = found.lines();
        PrintWriter out = spec.commandLine().getOut();
        if (cluster.json()) {
            out.println(Json.pretty(segments));
        } else {
            out.printf(
                    "%9s %8s %-7s %15s %15s %13s %13s %s%n",
                    "partition",
                    "segment",
                    "state",
                    "base offset",
                    "end offset",
                    "hot bytes",
                    "tiered bytes",
                    "object");
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
        out.flush();
        if (found.unanswered().isEmpty()) {
            return 0;
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println("siltstone: " + found.unanswered().message(topic));
        err.flush();
        return 1;
    }
}
