package io.siltstone.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.siltstone.log.DiskId;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.StorageDiskImage;
import io.siltstone.metadata.zookeeper.EmbeddedZooKeeper;
import io.siltstone.metadata.zookeeper.ZooKeeperMetadata;
import io.siltstone.metadata.zookeeper.ZooKeeperSettings;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node with its ZooKeeper. */
@Timeout(90)
class StorageNodeTest {

    @TempDir
    Path folder;

    private EmbeddedZooKeeper zooKeeper;

    @SuppressWarnings("NullAway.Init") // start() completes it
    StorageNodeTest() {}

    @BeforeEach
    void start() throws Exception {
        zooKeeper = EmbeddedZooKeeper.start(folder.resolve("zookeeper"), 0);
    }

    @AfterEach
    void stop() {
        zooKeeper.close();
    }

    private StorageNode node(String disk) throws IOException {
        return StorageNode.start(
                StorageNodeConfig.of(
                        Map.of(
                                "node.id", "storage-1",
                                "data.dir", folder.resolve(disk).toString(),
                                "zookeeper.connect", zooKeeper.connectString(),
                                "journal.file.bytes", "1048576",
                                "disk.limit.bytes", "33554432",
                                "trim.interval.ms", "50"),
                        Map.of()),
                failure -> {});
    }

    private StorageDiskImage awaitDisk(DiskId disk, Predicate<StorageDiskImage> wanted) {
        CompletableFuture<StorageDiskImage> found = new CompletableFuture<>();
        try (Metadata metadata =
                ZooKeeperMetadata.connect(ZooKeeperSettings.of(zooKeeper.connectString()), Optional.empty())) {
            metadata.view()
                    .subscribe(change -> metadata.view()
                            .image()
                            .storageDisk(disk)
                            .filter(wanted)
                            .ifPresent(found::complete));
            return found.orTimeout(30, TimeUnit.SECONDS).join();
        }
    }

    private static HttpResponse<String> get(StorageNode node, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + node.httpPort() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void registersItsDiskAndKeepsItsIdentityOverARestart() throws Exception {
        DiskId disk;
        try (StorageNode node = node("disk")) {
            disk = node.disk();
            int port = node.port();
            StorageDiskImage image = awaitDisk(disk, StorageDiskImage::live);
            assertThat(image.port()).isEqualTo(port);
            assertThat(image.writable()).isTrue();
            assertThat(image.node()).isEqualTo("storage-1");
        }
        awaitDisk(disk, image -> !image.live());
        try (StorageNode node = node("disk")) {
            assertThat(node.disk()).isEqualTo(disk);
            awaitDisk(disk, StorageDiskImage::live);
        }
    }

    @Test
    void tellsTheClusterHowMuchMoreItsDiskTakes() throws Exception {
        try (StorageNode node = node("disk")) {
            StorageDiskImage image = awaitDisk(node.disk(), seen -> seen.room().isKnown());
            // 32 MiB but for the reserve of an eighth.
            assertThat(image.room().capacityBytes()).isBetween(24L << 20, 31L << 20);
            assertThat(image.room().freeBytes())
                    .isBetween(20L << 20, image.room().capacityBytes());
        }
    }

    @Test
    void anotherFolderIsAnotherDisk() throws Exception {
        try (StorageNode one = node("one");
                StorageNode two = node("two")) {
            assertThat(one.disk()).isNotEqualTo(two.disk());
        }
    }

    @Test
    void journalWithoutItsIdentityIsRefused() throws Exception {
        node("disk").close();
        Files.delete(folder.resolve("disk").resolve("disk.identity"));
        assertThatThrownBy(() -> node("disk")).isInstanceOf(IOException.class).hasMessageContaining("no identity");
    }

    @Test
    void folderInUseIsRefused() throws Exception {
        try (StorageNode node = node("disk")) {
            assertThat(node.isReady()).isTrue();
            assertThatThrownBy(() -> node("disk"))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("is served");
        }
    }

    @Test
    void answersHealthReadyAndMetrics() throws Exception {
        try (StorageNode node = node("disk")) {
            assertThat(get(node, "/health").statusCode()).isEqualTo(200);
            assertThat(get(node, "/ready").statusCode()).isEqualTo(200);
            assertThat(get(node, "/metrics").body())
                    .contains("siltstone_storage_journal_fsync_seconds")
                    .contains("siltstone_storage_disk_limit_bytes");
        }
    }
}
