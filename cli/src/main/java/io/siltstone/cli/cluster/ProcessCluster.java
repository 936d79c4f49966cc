package io.siltstone.cli.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A cluster of real processes in one folder. Owns the folder's settings and the files of each node; the processes
 * belong to nobody: any later command finds them by their pid files. Used from one thread, but for {@link #end}.
 */
public final class ProcessCluster {
    private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
    private static final long INGEST_GRACE_MS = 30_000;
    private static final long GRACE_MS = 15_000;
    private static final int LOG_TAIL_LINES = 15;

    private final Path dir;
    private final ClusterPlan plan;
    private final List<NodeSpec> nodes;
    private final HttpProbe probe = new HttpProbe();
    private final Object starting = new Object(); // guards children and ended

    private final Map<String, Process> children = new HashMap<>();
    private boolean ended;

    /** A cluster in {@code dir} with these settings; nothing is written or started yet. */
    public ProcessCluster(Path dir, ClusterSettings settings) {
        this.dir = dir.toAbsolutePath().normalize();
        this.plan = new ClusterPlan(this.dir, settings);
        this.nodes = plan.nodes();
    }

    public ClusterSettings settings() {
        return plan.settings();
    }

    /** Starts every node that is not running, and returns when every partition can be written. */
    public void start() throws InterruptedException {
        createFolder();
        plan.settings().save(dir);
        for (NodeKind kind : NodeKind.values()) {
            List<NodeSpec> ofKind =
                    nodes.stream().filter(node -> node.kind() == kind).toList();
            ofKind.forEach(this::startIfDown);
            for (NodeSpec node : ofKind) {
                awaitReady(node);
            }
        }
        awaitWritable();
    }

    /** Starts one node again, by its name, and returns when it is ready. */
    public void start(String name) throws InterruptedException {
        NodeSpec node = node(name);
        startIfDown(node);
        awaitReady(node);
    }

    /** Kills one node as {@code kill -9} does. */
    public void kill(String name) throws InterruptedException {
        if (!process(node(name)).kill()) {
            throw new ClusterException(name + " is not running, so it cannot be killed");
        }
    }

    /** Stops one node gracefully; true if it went by itself. */
    public boolean stop(String name) throws InterruptedException {
        NodeSpec node = node(name);
        return process(node).stop(node.kind() == NodeKind.INGEST_NODE ? INGEST_GRACE_MS : GRACE_MS);
    }

    /**
     * Stops whatever runs: ingest nodes first, ZooKeeper last.
     *
     * @return the nodes that had to be killed
     */
    public List<String> stop() throws InterruptedException {
        List<String> killed = new ArrayList<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            if (!stop(nodes.get(i).name())) {
                killed.add(nodes.get(i).name());
            }
        }
        return killed;
    }

    /** Kills whatever runs, and lets nothing be started again. From any thread, such as a shutdown hook. */
    public void end() throws InterruptedException {
        synchronized (starting) {
            ended = true;
            for (Process child : children.values()) {
                child.destroyForcibly().waitFor(); // one that has just been started has no pid file yet
            }
        }
        for (NodeSpec node : nodes) {
            process(node).kill();
        }
    }

    public List<NodeStatus> status() throws InterruptedException {
        List<NodeStatus> all = new ArrayList<>();
        for (NodeSpec node : nodes) {
            var handle = process(node).handle();
            String state = handle.isEmpty()
                    ? NodeStatus.STOPPED
                    : probe.isReady(node.httpPort()) ? NodeStatus.READY : NodeStatus.STARTING;
            all.add(new NodeStatus(
                    node.name(),
                    state,
                    handle.map(ProcessHandle::pid).orElse(null),
                    node.kind() == NodeKind.INGEST_NODE
                            ? "127.0.0.1:" + node.config().get("port")
                            : null,
                    "http://127.0.0.1:" + node.httpPort()));
        }
        return all;
    }

    /** Returns when all ingest nodes have joined and every partition can be written. */
    public void awaitWritable() throws InterruptedException {
        awaitWritable(settings().ingestNodes());
    }

    /** Returns when at least {@code ingestNodes} have joined and every partition can be written. */
    public void awaitWritable(int ingestNodes) throws InterruptedException {
        try (WritablePartitions partitions = new WritablePartitions(settings().bootstrap(), ingestNodes)) {
            long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
            while (!partitions.all()) {
                if (System.nanoTime() > deadline) {
                    throw new ClusterException("after " + START_TIMEOUT.toSeconds()
                            + " s not every partition can be written: " + partitions.missing());
                }
                Thread.sleep(50);
            }
        }
    }

    private void startIfDown(NodeSpec node) {
        NodeFiles files = plan.files(node);
        if (process(node).handle().isPresent()) {
            return;
        }
        files.pid().remove();
        List<String> command = NodeCommand.of(node.kind(), files);
        try {
            Files.createDirectories(files.data());
            PrivateProperties.write(files.config(), node.config());
            // exec: who runs the line with a shell has the server under the shell's own process id
            Files.writeString(files.command(), "exec " + ShellLine.of(command) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException("could not write the files of " + node.name() + " in " + dir, e);
        }
        synchronized (starting) {
            if (ended) {
                throw new ClusterException("the cluster in " + dir + " was told to end");
            }
            children.put(node.name(), process(node).start(command));
        }
    }

    private void awaitReady(NodeSpec node) throws InterruptedException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (!probe.isReady(node.httpPort())) {
            Process child = child(node);
            if (child != null && !child.isAlive()) {
                throw new ClusterException(node.name() + " ended with exit code " + child.exitValue() + logTail(node));
            }
            if (System.nanoTime() > deadline) {
                throw new ClusterException(
                        node.name() + " is not ready after " + START_TIMEOUT.toSeconds() + " s" + logTail(node));
            }
            Thread.sleep(25);
        }
    }

    private @Nullable Process child(NodeSpec node) {
        synchronized (starting) {
            return children.get(node.name());
        }
    }

    private String logTail(NodeSpec node) {
        Path log = plan.files(node).log();
        try {
            List<String> lines = Files.readAllLines(log, StandardCharsets.UTF_8);
            return "; the end of " + log + ":\n"
                    + String.join("\n", lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()));
        } catch (IOException e) {
            return "; see " + log;
        }
    }

    private void createFolder() {
        try {
            Files.createDirectories(dir);
        } catch (IOException e) {
            throw new UncheckedIOException("could not create the folder " + dir, e);
        }
    }

    private NodeProcess process(NodeSpec node) {
        return new NodeProcess(plan.files(node));
    }

    private NodeSpec node(String name) {
        return nodes.stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ClusterException("no node " + name + " in the cluster in " + dir));
    }
}
