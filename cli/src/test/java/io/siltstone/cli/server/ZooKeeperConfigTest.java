package io.siltstone.cli.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.cli.UsageException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ZooKeeperConfigTest {
    @Test
    void letsTheEnvironmentOverrideTheFile() {
        ZooKeeperConfig config = ZooKeeperConfig.of(
                Map.of("data.dir", "/data", "port", "2181"),
                Map.of("SILTSTONE_PORT", "2182", "SILTSTONE_HTTP_PORT", "8081", "SILTSTONE_OTHER", "x"));

        assertThat(config).isEqualTo(new ZooKeeperConfig("127.0.0.1", 2182, 8081, Path.of("/data")));
    }

    @Test
    void refusesAnUnknownKeyByName() {
        assertThatThrownBy(() -> ZooKeeperConfig.of(Map.of("data.dir", "/data", "prot", "1"), Map.of()))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("unknown property prot");
    }

    @Test
    void refusesWhatIsNoPort() {
        assertThatThrownBy(() -> ZooKeeperConfig.of(Map.of("data.dir", "/data", "port", "70000"), Map.of()))
                .hasMessageContaining("port must be a port, not 70000");
    }

    @Test
    void asksForAFolder() {
        assertThatThrownBy(() -> ZooKeeperConfig.of(Map.of(), Map.of())).hasMessageContaining("data.dir is needed");
    }
}
