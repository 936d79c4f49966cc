package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The nodes of a demo do not belong to its process, and yet they must not outlive it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SignalledDemoTest {
    private static final List<String> NODES =
            List.of("zookeeper", "storage-1", "storage-2", "storage-3", "ingest-1", "ingest-2");

    @TempDir
    Path dir;

    private @Nullable Process demo;

    @AfterEach
    void stop() throws Exception {
        if (demo != null) {
            demo.destroyForcibly().waitFor();
        }
        Optional<ClusterSettings> settings = ClusterSettings.load(cluster());
        if (settings.isPresent()) {
            new ProcessCluster(cluster(), settings.get()).end();
        }
    }

    @Test
    void killsItsNodesAndDeletesItsTemporaryFolder() throws Exception {
        Process started = start();
        demo = started;
        List<ProcessHandle> nodes = awaitNodes(started);

        started.destroy();

        assertThat(started.waitFor()).as(output()).isEqualTo(128 + 15);
        assertThat(nodes).noneMatch(ProcessHandle::isAlive);
        try (var left = Files.list(Files.createDirectories(temporary()))) {
            assertThat(left.filter(file -> file.getFileName().toString().startsWith("siltstone-demo-")))
                    .isEmpty();
        }
    }

    private Process start() throws Exception {
        Path input = dir.resolve("input.ndjson");
        Files.writeString(input, "{\"n\":1}\n".repeat(1_000));
        Files.createDirectories(temporary());
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-Djava.io.tmpdir=" + temporary(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        "io.siltstone.cli.Siltstone",
                        "demo",
                        "--dir",
                        cluster().toString(),
                        "--input",
                        input.toString(),
                        "--rate",
                        "1",
                        "--kafka-port",
                        String.valueOf(new FreePorts(26_000, List.of()).take()))
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("demo.log").toFile())
                .start();
    }

    /** Every node's process, ZooKeeper's included, as soon as all are there. */
    private List<ProcessHandle> awaitNodes(Process started) throws Exception {
        List<ProcessHandle> found = new ArrayList<>();
        while (found.size() < NODES.size()) {
            assertThat(started.isAlive()).as(output()).isTrue();
            found.clear();
            for (String name : NODES) {
                new NodeProcess(new NodeFiles(cluster(), name)).handle().ifPresent(found::add);
            }
            TimeUnit.MILLISECONDS.sleep(50); // between two questions; the test's own time-out ends it
        }
        return found;
    }

    private Path cluster() {
        return dir.resolve("cluster");
    }

    private Path temporary() {
        return dir.resolve("temporary");
    }

    private String output() throws Exception {
        Path log = dir.resolve("demo.log");
        return Files.exists(log) ? Files.readString(log) : "";
    }
}
