package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.cli.CommandRun;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterCommandTest {
    @TempDir
    Path dir;

    @Test
    void theStatusOfNoClusterIsWrongUsage() {
        CommandRun run = CommandRun.of("cluster", "status", "--dir", dir.toString());

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("no cluster was ever started in " + dir);
    }

    @Test
    void stoppingNoClusterIsDoneAtOnce() {
        assertThat(CommandRun.of("cluster", "stop", "--dir", dir.toString()).exit())
                .isZero();
    }

    @Test
    void aFolderMustBeNamed() {
        CommandRun run = CommandRun.of("cluster", "start");

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).contains("--dir");
    }

    @Test
    void aClusterWithoutNodesIsRefusedBeforeAnythingIsWritten() throws Exception {
        CommandRun run =
                CommandRun.of("cluster", "start", "--dir", dir.resolve("new").toString(), "--storage-nodes", "0");

        assertThat(run.exit()).isEqualTo(2);
        assertThat(run.err()).doesNotContain("\tat ");
        assertThat(Files.exists(dir.resolve("new"))).isFalse();
    }
}
