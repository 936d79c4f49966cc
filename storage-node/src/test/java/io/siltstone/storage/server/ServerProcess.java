package io.siltstone.storage.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@link TestServer} in a process of its own, to be killed. */
final class ServerProcess {

    private final Process process;
    private final int port;

    private ServerProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Returns when it serves the folder. */
    static ServerProcess start(Path folder, long fileBytes, long limitBytes) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx192m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        TestServer.class.getName(),
                        folder.toString(),
                        Long.toString(fileBytes),
                        Long.toString(limitBytes))
                .redirectErrorStream(true)
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        List<String> said = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            said.add(line);
            if (line.startsWith("PORT ")) {
                Thread drain = new Thread(() -> out.lines().forEach(more -> {}), "drain");
                drain.setDaemon(true);
                drain.start();
                return new ServerProcess(process, Integer.parseInt(line.substring(5)));
            }
        }
        throw new AssertionError("the server did not start: " + String.join("\n", said));
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL; returns when it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
