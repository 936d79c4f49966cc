package io.siltstone.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StorageNodeConfigTest {

    private static Map<String, String> minimal() {
        return new HashMap<>(
                Map.of("node.id", "storage-1", "data.dir", "/data", "zookeeper.connect", "127.0.0.1:2181"));
    }

    @Test
    void environmentWinsOverTheFile() {
        StorageNodeConfig config = StorageNodeConfig.of(minimal(), Map.of("SILTSTONE_DISK_LIMIT_BYTES", "8589934592"));
        assertThat(config.journal().limitBytes()).isEqualTo(8L << 30);
    }

    @Test
    void unknownKeyIsRefusedByNameWithTheValidOnes() {
        Map<String, String> given = minimal();
        given.put("disk.limit", "1");
        assertThatThrownBy(() -> StorageNodeConfig.of(given, Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("[disk.limit]")
                .hasMessageContaining("disk.limit.bytes");
    }

    @Test
    void missingKeyIsNamed() {
        assertThatThrownBy(() -> StorageNodeConfig.of(Map.of("node.id", "1"), Map.of()))
                .hasMessageContaining("data.dir")
                .hasMessageContaining("SILTSTONE_DATA_DIR");
    }

    @Test
    void numberOutOfBoundsIsNamed() {
        Map<String, String> given = minimal();
        given.put("port", "70000");
        assertThatThrownBy(() -> StorageNodeConfig.of(given, Map.of()))
                .hasMessageContaining("'port' is 70000")
                .hasMessageContaining("65535");
    }

    @Test
    void limitWithoutRoomForTheJournalIsRefused() {
        Map<String, String> given = minimal();
        given.put("disk.limit.bytes", "268435456");
        assertThatThrownBy(() -> StorageNodeConfig.of(given, Map.of())).hasMessageContaining("journal files");
    }
}
