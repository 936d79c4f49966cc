package io.siltstone.cli.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The process of one node, found by its pid file: whoever started it, and whenever. A process counts as the node only
 * if its command line names that very pid file, so an id that the system has given to somebody else is never signalled.
 */
public final class NodeProcess {
    private static final Path SETSID = Path.of("/usr/bin/setsid");
    private static final long LOOK_EVERY_MS = 20;

    private final NodeFiles files;

    public NodeProcess(NodeFiles files) {
        this.files = files;
    }

    /** The running process; empty where the node is down. */
    public Optional<ProcessHandle> handle() {
        OptionalLong pid = files.pid().read();
        if (pid.isEmpty()) {
            return Optional.empty();
        }
        return ProcessHandle.of(pid.getAsLong()).filter(ProcessHandle::isAlive).filter(this::isThisNode);
    }

    /** Starts the command detached from this terminal, its output appended to the node's log. */
    Process start(List<String> command) {
        List<String> words = new ArrayList<>();
        if (Files.isExecutable(SETSID)) {
            words.add(SETSID.toString()); // becomes the command itself, so the process id is the server's
        }
        words.addAll(command);
        try {
            return new ProcessBuilder(words)
                    .directory(files.dir().toFile())
                    .redirectInput(new File("/dev/null"))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(files.log().toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("could not start " + files.node(), e);
        }
    }

    /**
     * Asks the process to stop, waits, and kills it if it is still there after {@code graceMs} milliseconds.
     *
     * @return whether the node stopped by itself, or was not running
     */
    boolean stop(long graceMs) throws InterruptedException {
        Optional<ProcessHandle> running = handle();
        boolean graceful = true;
        if (running.isPresent()) {
            running.get().destroy();
            graceful = awaitExit(running.get(), graceMs);
            if (!graceful) {
                kill();
            }
        }
        files.pid().remove();
        return graceful;
    }

    /** Kills the process without a word, as {@code kill -9} does, and waits until it is gone. False if it was not running. */
    public boolean kill() throws InterruptedException {
        Optional<ProcessHandle> running = handle();
        if (running.isEmpty()) {
            return false;
        }
        running.get().destroyForcibly();
        if (!awaitExit(running.get(), 10_000)) {
            throw new IllegalStateException(
                    files.node() + " (process " + running.get().pid() + ") is still there after kill -9");
        }
        return true;
    }

    /** A process whose parent does not collect it stays as a nameless entry of the process table: that counts as gone. */
    private boolean awaitExit(ProcessHandle process, long timeoutMs) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
        while (System.nanoTime() < deadline) {
            try {
                process.onExit().get(LOOK_EVERY_MS, TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                if (!isThisNode(process)) {
                    return true;
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("could not wait for process " + process.pid(), e);
            }
        }
        return false;
    }

    private boolean isThisNode(ProcessHandle process) {
        String pidFile = files.pid().path().toString();
        Path commandLine = Path.of("/proc", Long.toString(process.pid()), "cmdline");
        try {
            if (Files.exists(commandLine)) {
                return Files.readString(commandLine, StandardCharsets.ISO_8859_1)
                        .contains(latin(pidFile));
            }
        } catch (IOException e) {
            return false; // the process ended between the two looks
        }
        return process.info().commandLine().map(line -> line.contains(pidFile)).orElse(false);
    }

    /** The path's bytes as the command line shows them, which has no charset of its own. */
    private static String latin(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }
}
