package io.siltstone.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerProcessesTest {
    @TempDir
    Path proc;

    @Test
    void addsUpUserAndSystemTimeBehindANameWithBlanks() throws Exception {
        process(7, "7 (a (b) c) S 1 1 1 0 -1 4 0 0 0 0 150 50 9 9 20 0", "VmRSS:\t  2048 kB");
        process(8, "8 (java) S 1 1 1 0 -1 4 0 0 0 0 100 0 9 9 20 0", "VmRSS:\t  1024 kB");

        ServerProcesses servers = new ServerProcesses(proc, List.of(7L, 8L));

        assertThat(servers.cpuSeconds()).isEqualTo(3.0);
        assertThat(servers.residentBytes()).isEqualTo(3L << 20);
    }

    @Test
    void saysWhichProcessIsGone() {
        ServerProcesses servers = new ServerProcesses(proc, List.of(9L));

        assertThatThrownBy(servers::cpuSeconds)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("process 9");
    }

    private void process(int pid, String stat, String status) throws Exception {
        Path dir = Files.createDirectory(proc.resolve(Integer.toString(pid)));
        Files.writeString(dir.resolve("stat"), stat);
        Files.writeString(dir.resolve("status"), "Name: x\n" + status + "\n");
    }
}
