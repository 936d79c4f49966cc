package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeProcessTest {
    @TempDir
    Path dir;

    private NodeFiles files;
    private NodeProcess node;

    @BeforeEach
    void node() {
        files = new NodeFiles(dir.toAbsolutePath(), "storage-1");
        node = new NodeProcess(files);
    }

    @AfterEach
    void endProcess() throws Exception {
        node.kill();
    }

    @Test
    void findsTheProcessByItsPidFile() {
        Process process = start();

        assertThat(node.handle()).map(ProcessHandle::pid).contains(process.pid());
    }

    @Test
    void doesNotTakeAnotherProcessWithTheSameIdForTheNode() throws Exception {
        Process stranger = new ProcessBuilder("sleep", "100").start();
        try {
            files.pid().write(stranger.pid());

            assertThat(node.handle()).isEmpty();
            assertThat(node.stop(1_000)).isTrue();
            assertThat(stranger.isAlive()).isTrue();
        } finally {
            stranger.destroyForcibly();
        }
    }

    @Test
    void stopsTheProcessAndForgetsItsId() throws Exception {
        Process process = start();

        assertThat(node.stop(10_000)).isTrue();

        assertThat(process.isAlive()).isFalse();
        assertThat(files.pid().read()).isEmpty();
    }

    @Test
    void killsAProcessThatDoesNotStop() throws Exception {
        Process process = startDeaf();

        assertThat(node.stop(200)).isFalse();

        assertThat(process.waitFor()).isNotZero();
    }

    @Test
    void mayBeStoppedAgain() throws Exception {
        assertThat(node.stop(1_000)).isTrue();
        assertThat(node.stop(1_000)).isTrue();
    }

    @Test
    void appendsWhatTheProcessPrintsToTheLog() throws Exception {
        Files.writeString(files.log(), "before\n");

        node.start(List.of("echo", "after")).waitFor();

        assertThat(files.log()).hasContent("before\nafter\n");
    }

    private Process start() {
        Process process = node.start(
                List.of("sh", "-c", "sleep 100; :", files.pid().path().toString()));
        files.pid().write(process.pid());
        return process;
    }

    /** Ignores the signal to stop; says so first, so that the signal cannot come too early. */
    private Process startDeaf() throws Exception {
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "trap '' TERM; echo deaf; while :; do sleep 1; done",
                        files.pid().path().toString())
                .start();
        var out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertThat(out.readLine()).isEqualTo("deaf");
        files.pid().write(process.pid());
        return process;
    }
}
