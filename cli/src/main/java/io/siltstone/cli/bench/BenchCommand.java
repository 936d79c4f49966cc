package io.siltstone.cli.bench;

import io.siltstone.cli.Bootstrap;
import io.siltstone.cli.Json;
import io.siltstone.cli.UsageException;
import io.siltstone.cli.cluster.PidFile;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code siltstone bench}: the same workloads against Siltstone or Kafka. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures a cluster, Siltstone or Kafka, by the same workloads: produce, tail, end-to-end, backlog.",
            "Each has a cold and a warm phase. Values do not compress. CPU and memory are those of the processes named by"
                    + " --pids or --pid-dir."
        })
public final class BenchCommand implements Callable<Integer> {
    private static final int SETTLE_LINES = 10;

    @Spec
    private CommandSpec spec;

    @Option(names = "--bootstrap", required = true, paramLabel = "ADDRESS", description = "Kafka bootstrap address.")
    private String bootstrap;

    @Option(
            names = "--workload",
            split = ",",
            paramLabel = "NAME",
            converter = WorkloadName.class,
            description = "produce, tail, end-to-end, backlog; default all, in that order.")
    private Set<Workload> workloads = EnumSet.allOf(Workload.class);

    @Option(
            names = "--topic",
            paramLabel = "TOPIC",
            description = "Topic to use; without it a new one is made and deleted afterwards.")
    private @Nullable String topic;

    @Option(
            names = "--records",
            defaultValue = "2000000",
            paramLabel = "N",
            description = "Records per phase of produce and tail (default ${DEFAULT-VALUE}).")
    private long records;

    @Option(
            names = "--record-size",
            defaultValue = "1024",
            paramLabel = "BYTES",
            description = "Size of a value (default ${DEFAULT-VALUE}).")
    private int recordBytes;

    @Option(
            names = "--warm-up",
            defaultValue = "7168",
            paramLabel = "MIB",
            description = "MiB produced in all before the first warm phase (default ${DEFAULT-VALUE}).")
    private long warmUpMiB;

    @Option(
            names = "--rate",
            defaultValue = "2000",
            paramLabel = "N",
            description = "Records per second of end-to-end (default ${DEFAULT-VALUE}).")
    private double rate;

    @Option(
            names = "--seconds",
            defaultValue = "30",
            paramLabel = "S",
            description = "Length of each phase of end-to-end (default ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(
            names = "--linger",
            defaultValue = "5",
            paramLabel = "MS",
            description = "Linger of produce and tail (default ${DEFAULT-VALUE}).")
    private int lingerMs;

    @Option(
            names = "--batch-size",
            defaultValue = "65536",
            paramLabel = "BYTES",
            description = "Batch size of produce and tail (default ${DEFAULT-VALUE}).")
    private int batchBytes;

    @Option(
            names = "--partitions",
            defaultValue = "12",
            paramLabel = "N",
            description = "Partitions of a new topic (default ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--replication",
            defaultValue = "3",
            paramLabel = "N",
            description = "Replication factor of a new topic (default ${DEFAULT-VALUE}).")
    private short replication;

    @Option(names = "--pids", split = ",", paramLabel = "PID", description = "Server processes to measure.")
    private List<Long> pids = List.of();

    @Option(
            names = "--pid-dir",
            paramLabel = "DIR",
            description = "Folder whose *.pid files name the server processes.")
    private @Nullable Path pidDir;

    @Option(
            names = "--settle",
            paramLabel = "COMMAND",
            description =
                    "Shell command after each phase that produces, {topic} is replaced: its work counts as CPU, not"
                            + " as time. For Siltstone: siltstone seal {topic} --bootstrap ADDRESS --wait.")
    private @Nullable String settle;

    @Option(names = "--json", description = "Write JSON for a program to read.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
        Bootstrap.reachable(bootstrap);
        Load load = load();
        ServerProcesses servers = new ServerProcesses(Path.of("/proc"), processes());
        servers.cpuSeconds(); // says now which of them is not there
        List<PhaseResult> results = new ArrayList<>();
        PrintWriter out = spec.commandLine().getOut();
        if (!json) {
            out.println(PhaseResult.header());
            out.flush();
        }
        try {
            String given = topic;
            if (given != null) {
                run(given, load, servers, results, out);
            } else {
                runInNewTopic(load, servers, results, out);
            }
        } finally {
            if (json) { // what was measured before a failure is worth as much as without it
                out.println(Json.pretty(results));
                out.flush();
            }
        }
        return 0;
    }

    private void runInNewTopic(Load load, ServerProcesses servers, List<PhaseResult> results, PrintWriter out)
            throws Exception {
        String name = "bench-" + Long.toString(System.currentTimeMillis(), 36);
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        try (Admin admin = Admin.create(properties)) {
            create(admin, new NewTopic(name, Optional.of(partitions), Optional.of(replication)));
            try {
                run(name, load, servers, results, out);
            } catch (RuntimeException failure) {
                deleteAfter(failure, admin, name);
                throw failure;
            }
            admin.deleteTopics(List.of(name)).all().get();
        }
    }

    private static void deleteAfter(RuntimeException failure, Admin admin, String topic) throws InterruptedException {
        try {
            admin.deleteTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            failure.addSuppressed(e);
        }
    }

    private static void create(Admin admin, NewTopic topic) throws InterruptedException {
        try {
            admin.createTopics(List.of(topic.configs(Map.of()))).all().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("could not create the topic " + topic.name() + ": " + e.getCause(), e);
        }
    }

    private void run(String name, Load load, ServerProcesses servers, List<PhaseResult> results, PrintWriter out) {
        Bench bench = new Bench(bootstrap, name, servers, () -> settle(name), warmUpMiB << 20, result -> {
            results.add(result);
            if (!json) {
                out.println(result.line());
                out.flush();
            }
        });
        for (Workload workload : EnumSet.copyOf(workloads)) {
            switch (workload) {
                case PRODUCE -> bench.produce(load);
                case TAIL -> bench.tail(load);
                case END_TO_END -> bench.endToEnd(paced());
                case BACKLOG -> bench.backlog(load);
            }
        }
    }

    private Load load() {
        try {
            paced();
            return new Load(records, recordBytes, 0, lingerMs, batchBytes);
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }

    private Load paced() {
        return new Load((long) (rate * seconds), recordBytes, rate, 0, 16_384);
    }

    private void settle(String name) {
        String line = settle;
        if (line == null) {
            return;
        }
        try {
            Process process = new ProcessBuilder("sh", "-c", line.replace("{topic}", name))
                    .redirectErrorStream(true)
                    .start();
            String end = lastLines(process);
            int exit = process.waitFor();
            if (exit != 0) {
                throw new IllegalStateException("--settle ended with exit code " + exit + ": " + line + end);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("--settle cannot be run: " + line, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in --settle", e);
        }
    }

    /** What the process wrote last, each line on its own. */
    private static String lastLines(Process process) throws IOException {
        Deque<String> last = new ArrayDeque<>();
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                last.add(line);
                if (last.size() > SETTLE_LINES) {
                    last.remove();
                }
            }
        }
        return last.stream().map(line -> "\n  " + line).collect(Collectors.joining());
    }

    /** Takes the names that the results carry. */
    static final class WorkloadName implements CommandLine.ITypeConverter<Workload> {
        @Override
        public Workload convert(String text) {
            return Stream.of(Workload.values())
                    .filter(workload -> workload.label().equalsIgnoreCase(text))
                    .findFirst()
                    .orElseThrow(() -> new CommandLine.TypeConversionException(
                            "'" + text + "' is none of produce, tail, end-to-end and backlog"));
        }
    }

    private List<Long> processes() throws IOException {
        Path dir = pidDir;
        if (dir == null) {
            return pids;
        }
        List<Long> all = new ArrayList<>(pids);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(dir, "*.pid")) {
            for (Path file : files) {
                all.add(new PidFile(file).read().orElseThrow(() -> new UsageException(file + " holds no process id")));
            }
        }
        return all;
    }
}
