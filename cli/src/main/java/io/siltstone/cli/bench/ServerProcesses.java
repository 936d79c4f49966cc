package io.siltstone.cli.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The server processes that are measured, as the kernel's {@code /proc} tells about them. */
final class ServerProcesses {
    private static final int USER_TICKS = 11;
    private static final int SYSTEM_TICKS = 12;
    private static final double TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Java runs on

    private final Path proc;
    private final List<Long> pids;

    ServerProcesses(Path proc, List<Long> pids) {
        this.proc = proc;
        this.pids = List.copyOf(pids);
    }

    boolean none() {
        return pids.isEmpty();
    }

    /** User and system time of all processes since they began, in seconds. */
    double cpuSeconds() {
        double seconds = 0;
        for (long pid : pids) {
            String stat = read(pid, "stat");
            // The second field is the program's name in brackets and may hold blanks: count from behind it.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            seconds += (Long.parseLong(fields[USER_TICKS]) + Long.parseLong(fields[SYSTEM_TICKS])) / TICKS_PER_SECOND;
        }
        return seconds;
    }

    /** Resident memory of all processes now, in bytes. */
    long residentBytes() {
        long bytes = 0;
        for (long pid : pids) {
            bytes += read(pid, "status")
                    .lines()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .sum();
        }
        return bytes;
    }

    private String read(long pid, String file) {
        try {
            return Files.readString(proc.resolve(Long.toString(pid)).resolve(file));
        } catch (IOException e) {
            throw new UncheckedIOException("process " + pid + " cannot be measured: is it still running?", e);
        }
    }
}
