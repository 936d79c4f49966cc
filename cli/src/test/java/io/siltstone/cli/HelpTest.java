package io.siltstone.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;

class HelpTest {
    @Test
    void everyCommandOptionAndParameterIsDescribed() {
        List<String> silent = new ArrayList<>();

        collect(Siltstone.commandLine(), silent);

        assertThat(silent).isEmpty();
    }

    @Test
    void everyCommandShowsItsHelpAndEndsWithZero() {
        for (String command : Siltstone.commandLine().getSubcommands().keySet()) {
            if (!command.equals("help")) {
                CommandRun run = CommandRun.of(command, "--help");

                assertThat(run.exit()).as(command).isZero();
                assertThat(run.out()).startsWith("Usage: siltstone " + command);
            }
        }
    }

    @Test
    void wrongUsageEndsWithTwo() {
        assertThat(CommandRun.of("nothing").exit()).isEqualTo(2);
        assertThat(CommandRun.of("verify").exit()).isEqualTo(2);
        assertThat(CommandRun.of("topics").err()).contains("which of list, create, describe and delete?");
        assertThat(CommandRun.of("cluster").err()).contains("which of start, stop and status?");
        assertThat(CommandRun.of("dev", "--kafka-port", "many").err()).contains("'many' is not an int");
    }

    private static void collect(CommandLine command, List<String> silent) {
        CommandSpec spec = command.getCommandSpec();
        if (spec.usageMessage().description().length == 0) {
            silent.add(spec.qualifiedName());
        }
        for (ArgSpec arg : spec.args()) {
            if (arg.description().length == 0) {
                silent.add(spec.qualifiedName() + " " + arg.paramLabel());
            }
        }
        command.getSubcommands().values().forEach(sub -> collect(sub, silent));
    }
}
