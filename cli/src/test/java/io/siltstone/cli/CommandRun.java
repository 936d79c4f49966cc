package io.siltstone.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/**
 * One run of the siltstone command in this process.
 *
 * @param exit its exit code
 * @param out what it wrote to stdout
 * @param err what it wrote to stderr
 */
public record CommandRun(int exit, String out, String err) {

    /** Runs the command that {@code main} would run. */
    public static CommandRun of(String... args) {
        return of(Siltstone.commandLine(), args);
    }

    /** Runs a command that was prepared, once. */
    public static CommandRun of(CommandLine command, String... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exit = command.setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(args);
        return new CommandRun(exit, out.toString(), err.toString());
    }
}
