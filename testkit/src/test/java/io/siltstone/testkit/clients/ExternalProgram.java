package io.siltstone.testkit.clients;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs programs that are not part of this build. */
final class ExternalProgram {

    private static final long LIMIT_SECONDS = 120;

    private ExternalProgram() {}

    /** Skips the test where the machine does not have the program. */
    static void assumePresent(String program) {
        boolean present = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
        assumeTrue(present, () -> "skipped: there is no " + program + " on this machine");
    }

    /** Returns the standard output; fails where the program does. */
    static String run(Path folder, String input, String... command) {
        Finished finished = finish(folder, input, command);
        if (finished.exitCode() != 0) {
            throw new AssertionError(String.join(" ", command) + " ended with exit code " + finished.exitCode() + "\n"
                    + finished.output() + finished.errors());
        }
        return finished.output();
    }

    /** Whether the program ends well. */
    static boolean succeeds(Path folder, String... command) {
        return finish(folder, "", command).exitCode() == 0;
    }

    private record Finished(int exitCode, String output, String errors) {}

    private static Finished finish(Path folder, String input, String... command) {
        try {
            Path output = Files.createTempFile("program", ".out");
            Path errors = Files.createTempFile("program", ".err");
            try {
                return finish(folder, input, output, errors, Arrays.asList(command));
            } finally {
                Files.delete(output);
                Files.delete(errors);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private static Finished finish(Path folder, String input, Path output, Path errors, List<String> command)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start();
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError(String.join(" ", command) + " did not end within " + LIMIT_SECONDS + " s\n"
                    + Files.readString(output) + Files.readString(errors));
        }
        return new Finished(process.exitValue(), Files.readString(output), Files.readString(errors));
    }
}
