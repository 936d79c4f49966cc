package io.siltstone.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.siltstone.testkit.simulation.Breakage;
import io.siltstone.testkit.simulation.Simulation;
import io.siltstone.testkit.simulation.SimulationResult;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code siltstone simulate}: the whole log under faults, from seeds that replay to the same story. */
@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the log's production classes on a simulated network, disks and metadata store, with faults, and checks"
                    + " every rule after every step.",
            "Exit code 1 if a rule does not hold, with the rule, the seed and the story. A seed always tells the same"
                    + " story."
        })
final class SimulateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(
            names = "--seeds",
            defaultValue = "1000",
            paramLabel = "N",
            description = "How many seeds (default ${DEFAULT-VALUE}).")
    private long seeds;

    @Option(
            names = "--seed",
            defaultValue = "1",
            paramLabel = "S",
            description = "The first seed (default ${DEFAULT-VALUE}).")
    private long first;

    @Option(
            names = "--break",
            defaultValue = "none",
            paramLabel = "RULE",
            description = "Wires in a wrong version of this rule, which must be found: 1, 2, 3, 6, 7, 8 or 9.")
    private String broken;

    @Option(names = "--json", description = "Write JSON for a program to read.")
    private boolean json;

    @Override
    public Integer call() {
        if (seeds < 1) {
            throw new UsageException("--seeds must be at least 1, not " + seeds);
        }
        Breakage breakage = breakage();
        AtomicLong acknowledged = new AtomicLong();
        Optional<SimulationResult> failure;
        try (ProgressBar bar = bar()) {
            failure = LongStream.range(first, first + seeds)
                    .parallel()
                    .mapToObj(seed -> Simulation.run(seed, breakage))
                    .peek(result -> {
                        acknowledged.addAndGet(result.acknowledged());
                        bar.step();
                    })
                    .filter(SimulationResult::failed)
                    .findFirst();
        }
        Outcome outcome = failure.map(found -> Outcome.of(Simulation.tell(found.seed(), breakage), breakage))
                .orElseGet(() -> new Outcome(seeds, acknowledged.get(), null, null, null, null, null));
        PrintWriter out = spec.commandLine().getOut();
        out.println(json ? Json.pretty(outcome) : outcome.text());
        out.flush();
        return failure.isPresent() ? 1 : 0;
    }

    private Breakage breakage() {
        try {
            return Breakage.of(broken);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private ProgressBar bar() {
        return new ProgressBarBuilder()
                .setTaskName("seeds")
                .setInitialMax(seeds)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(500)
                .setConsumer(new ConsoleProgressBarConsumer(System.err, 100))
                .build();
    }

    /** What is written: either that all seeds held, or the first that did not. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    private record Outcome(
            long seeds,
            long acknowledged,
            @Nullable String rule,
            @Nullable Long seed,
            @Nullable String broken,
            @Nullable String what,
            @Nullable List<String> story) {

        static Outcome of(SimulationResult found, Breakage breakage) {
            return new Outcome(
                    1,
                    found.acknowledged(),
                    found.rule(),
                    found.seed(),
                    breakage == Breakage.NONE ? null : "rule " + breakage.rule() + ": " + breakage.what(),
                    found.what(),
                    found.story());
        }

        String text() {
            if (rule == null || story == null) {
                return String.format(
                        "every rule held in %,d seeds, %,d batches were acknowledged", seeds, acknowledged);
            }
            return String.join("\n", story)
                    + "\n\nrule " + rule + " does not hold in seed " + seed + ": " + what
                    + (broken == null ? "" : "\n(broken on purpose, " + broken + ")");
        }
    }
}
