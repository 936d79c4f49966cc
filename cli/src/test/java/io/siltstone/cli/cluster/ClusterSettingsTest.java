package io.siltstone.cli.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterSettingsTest {
    private static final ClusterSettings SETTINGS =
            new ClusterSettings(3, 2, 19_092, "s3://archive", Map.of("s3.endpoint", "http://127.0.0.1:9000"), Map.of());

    @TempDir
    Path dir;

    @Test
    void survivesBeingSavedAndLoaded() {
        ClusterSettings settings = SETTINGS.withPorts(List.of("zookeeper", "storage-1.http"))
                .withStorageOptions(Map.of("journal.file.bytes", "33554432"));

        settings.save(dir);

        assertThat(ClusterSettings.load(dir)).contains(settings);
    }

    @Test
    void showsItsKeysToTheOwnerAlone() throws Exception {
        SETTINGS.save(dir);

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("cluster.properties"))))
                .isEqualTo("rw-------");
    }

    @Test
    void isEmptyForAFolderWithoutACluster() {
        assertThat(ClusterSettings.load(dir)).isEmpty();
    }

    @Test
    void keepsThePortsThatItHasAndAddsWhatIsMissing() {
        ClusterSettings before = SETTINGS.withPorts(List.of("zookeeper"));

        ClusterSettings after = before.withPorts(List.of("zookeeper", "storage-1"));

        assertThat(after.port("zookeeper")).isEqualTo(before.port("zookeeper"));
        assertThat(after.port("storage-1")).isNotEqualTo(after.port("zookeeper"));
    }

    @Test
    void namesTheAddressOfEachIngestNode() {
        assertThat(SETTINGS.bootstrap()).isEqualTo("127.0.0.1:19092,127.0.0.1:19093");
    }

    @Test
    void refusesAClusterWithoutNodes() {
        assertThatThrownBy(() -> new ClusterSettings(0, 2, 19_092, "file:///b", Map.of(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one storage node");
    }

    @Test
    void saysWhichSettingIsMissing() throws Exception {
        Files.writeString(dir.resolve("cluster.properties"), "storage.nodes=3\n");

        assertThatThrownBy(() -> ClusterSettings.load(dir)).hasMessageContaining("does not tell ingest.nodes");
    }
}
