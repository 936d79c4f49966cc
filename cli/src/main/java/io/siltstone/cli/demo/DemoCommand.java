package io.siltstone.cli.demo;

import io.siltstone.cli.BucketOptions;
import io.siltstone.cli.Json;
import io.siltstone.cli.UsageException;
import io.siltstone.cli.input.Columns;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code siltstone demo}: the whole path on real records, with kills on the way. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Starts a cluster of real processes, produces a file of records, reads it live in two groups, kills an ingest"
                    + " node and a storage node in the middle, waits until all is in the bucket, replays it and compares"
                    + " record by record.",
            "Exit code 0 only if nothing is missing, duplicated or out of order, and storage nodes keep only open"
                    + " segments."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final Columns FLIGHTS = new Columns("origin", "date");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "CSV or NDJSON, plain or packed by gzip, zip or Zstandard; without it flights in the U.S.")
    private @Nullable Path input;

    @Option(names = "--key", paramLabel = "COLUMN", description = "Column that makes the record's key.")
    private @Nullable String key;

    @Option(names = "--time", paramLabel = "COLUMN", description = "Column that makes the record's timestamp.")
    private @Nullable String time;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures here too.")
    private @Nullable Path json;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description =
                    "The cluster's folder, which stays; without it a temporary one, deleted unless the demo fails.")
    private @Nullable Path dir;

    @Option(
            names = "--topic",
            defaultValue = "demo",
            paramLabel = "TOPIC",
            description = "Name of the topic, which is created (default ${DEFAULT-VALUE}).")
    private String topic;

    @Option(
            names = "--partitions",
            defaultValue = "6",
            paramLabel = "N",
            description = "Partitions of the topic (default ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Records per second; without it what takes some forty seconds, at most 50,000.")
    private @Nullable Double rate;

    @Option(
            names = "--kafka-port",
            defaultValue = "19292",
            paramLabel = "PORT",
            description = "Port of the first ingest node (default ${DEFAULT-VALUE}).")
    private int kafkaPort;

    @Option(names = "--storage-nodes", defaultValue = "3", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
    private int storageNodes;

    @Option(names = "--ingest-nodes", defaultValue = "2", paramLabel = "N", description = "Default ${DEFAULT-VALUE}.")
    private int ingestNodes;

    @Mixin
    private BucketOptions bucket;

    @Override
    public Integer call() throws Exception {
        if (ingestNodes < 2 || storageNodes < 3) {
            throw new UsageException(
                    "the demo kills one ingest node of at least two and one storage node of at least three");
        }
        Path file = inputFile();
        Path given = dir;
        Path temporary = Files.createTempDirectory("siltstone-demo-");
        Path folder = given != null ? given.toAbsolutePath().normalize() : temporary.resolve("cluster");
        Demo demo = new Demo(settings(folder, file), temporary.resolve("ledgers"), new DemoProgress(System.err));
        Thread end = new Thread(() -> end(demo, temporary), "demo-end");
        Runtime.getRuntime().addShutdownHook(end);
        boolean passed = false;
        try {
            DemoReport report = demo.run();
            show(report);
            passed = report.passed();
        } finally {
            if (isRemoved(end)) {
                finish(temporary, passed);
            }
        }
        return passed ? 0 : 1;
    }

    /** What is left of a run that passed is of no use; of one that failed, somebody will want to see why. */
    private void finish(Path temporary, boolean passed) throws IOException {
        if (passed) {
            delete(temporary);
            return;
        }
        PrintWriter err = spec.commandLine().getErr();
        err.println("siltstone: the demo failed");
        err.println("kept: " + temporary + (dir == null ? "" : " and " + dir));
        err.flush();
    }

    /** On Ctrl-C or SIGTERM: the nodes do not belong to this process, so they would go on without it. */
    private static void end(Demo demo, Path temporary) {
        System.err.println("\nsiltstone: stopped by a signal, killing the cluster");
        try {
            demo.end();
            delete(temporary);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            System.err.println("siltstone: could not delete " + temporary + ": " + e);
        }
    }

    /** False if the hook is already at work. */
    private static boolean isRemoved(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private DemoSettings settings(Path folder, Path file) {
        String url = bucket.url();
        return new DemoSettings(
                folder,
                file,
                input == null && key == null && time == null ? FLIGHTS : new Columns(key, time),
                topic,
                partitions,
                rate,
                url == null ? BucketOptions.folder(folder.resolve("bucket")) : url,
                bucket.properties(),
                storageNodes,
                ingestNodes,
                kafkaPort);
    }

    private void show(DemoReport report) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println();
        out.print(report.table());
        out.flush();
        Path file = json;
        if (file != null) {
            Files.writeString(file, Json.pretty(report) + "\n", StandardCharsets.UTF_8);
        }
    }

    /** The example lies in the checkout, beside the folder that the distribution was built in. */
    private Path inputFile() {
        if (input != null) {
            if (!Files.isReadable(input)) {
                throw new UsageException("cannot read " + input);
            }
            return input;
        }
        String home = System.getProperty("siltstone.home", ".");
        for (Path candidate = Path.of(home).toAbsolutePath(); candidate != null; candidate = candidate.getParent()) {
            Path example = candidate.resolve("examples").resolve("flights.csv.gz");
            if (Files.isReadable(example)) {
                return example;
            }
        }
        throw new UsageException("no examples/flights.csv.gz near " + home + "; name a file with --input");
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException failure) throws IOException {
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
