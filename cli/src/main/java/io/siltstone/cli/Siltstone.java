package io.siltstone.cli;

import io.siltstone.cli.bench.BenchCommand;
import io.siltstone.cli.demo.DemoCommand;
import io.siltstone.cli.history.ReplayCommand;
import io.siltstone.cli.history.VerifyCommand;
import io.siltstone.cli.server.DevCommand;
import io.siltstone.cli.server.IngestNodeCommand;
import io.siltstone.cli.server.StorageNodeCommand;
import io.siltstone.cli.server.ZooKeeperCommand;
import io.siltstone.cli.topics.SealCommand;
import io.siltstone.cli.topics.SegmentsCommand;
import io.siltstone.cli.topics.TopicsCommand;
import java.io.PrintWriter;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The {@code siltstone} command. Says which subcommands there are; each does its own work. */
@Command(
        name = "siltstone",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Kafka-compatible event streaming that keeps every record and replays any of it.",
        subcommands = {
            DevCommand.class,
            ClusterCommand.class,
            DemoCommand.class,
            TopicsCommand.class,
            SegmentsCommand.class,
            ReplayCommand.class,
            SealCommand.class,
            VerifyCommand.class,
            SimulateCommand.class,
            BenchCommand.class,
            StorageNodeCommand.class,
            IngestNodeCommand.class,
            ZooKeeperCommand.class,
            CommandLine.HelpCommand.class
        },
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:done",
            "1:failed, or a check found a fault",
            "2:wrong usage",
            "70:storage-node: its disk failed"
        })
public final class Siltstone {
    private static final Set<String> SERVERS = Set.of("storage-node", "ingest-node", "zookeeper", "dev");

    private Siltstone() {}

    public static void main(String[] args) {
        chooseLogging(args);
        System.exit(commandLine().execute(args));
    }

    /** The whole command, as {@link #main} runs it. */
    public static CommandLine commandLine() {
        return new CommandLine(new Siltstone())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setExecutionExceptionHandler(Siltstone::report);
    }

    /** Says in one line what went wrong; the stack trace is shown on demand. */
    private static int report(Exception failure, CommandLine command, CommandLine.ParseResult parsed) {
        PrintWriter err = command.getErr();
        String message = failure.getMessage();
        err.println("siltstone: " + (message == null ? failure.toString() : message));
        if (System.getenv("SILTSTONE_STACK_TRACES") != null) {
            failure.printStackTrace(err);
        }
        err.flush();
        return failure instanceof UsageException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    /** Servers log what happens, to stdout; commands only what an operator must see, to stderr. */
    private static void chooseLogging(String[] args) {
        if (args.length > 0 && SERVERS.contains(args[0])) {
            setDefault("SILTSTONE_LOG_LEVEL", "INFO");
            setDefault("SILTSTONE_LOG_TARGET", "System.out");
        } else if (args.length > 0 && args[0].equals("simulate")) {
            setDefault("SILTSTONE_LOG_LEVEL", "OFF"); // the warnings of simulated nodes are the story's
        } else if (args.length > 0 && args[0].equals("demo")) {
            setDefault(
                    "SILTSTONE_LIBRARY_LOG_LEVEL",
                    "ERROR"); // clients warn of each retry, and nodes are killed on purpose
        }
    }

    private static void setDefault(String name, String value) {
        if (System.getenv(name) == null && System.getProperty(name) == null) {
            System.setProperty(name, value);
        }
    }
}
