package io.siltstone.benchmarks.bytepath;

import io.siltstone.log.DiskId;
import io.siltstone.log.client.DiskAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A storage node, or a sink in its place, in a JVM of its own. */
record NodeProcess(Process process, DiskId disk, DiskAddress address) implements AutoCloseable {

    static final String CLUSTER_ID = "byte-path";

    static NodeProcess start(Options options, int number) throws IOException {
        int port = freePort();
        DiskId disk = new DiskId(new UUID(1, number));
        List<String> command = new ArrayList<>();
        command.add(ProcessHandle.current().info().command().orElse("java"));
        command.addAll(List.of(options.nodeFlags().trim().split("\\s+", -1)));
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path")));
        command.add((options.sink() ? SinkNode.class : JournalNode.class).getName());
        command.add(Integer.toString(port));
        command.add(disk.toString());
        command.add(Files.createDirectories(options.directory()
                        .resolve(Long.toString(ProcessHandle.current().pid()))
                        .resolve("disk-" + number))
                .toString());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        awaitReady(process);
        return new NodeProcess(process, disk, new DiskAddress("127.0.0.1", port));
    }

    private static void awaitReady(Process process) throws IOException {
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); !"ready".equals(line); line = output.readLine()) {
            if (line == null) {
                throw new IOException("a storage node ended before it was ready");
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
    }
}
