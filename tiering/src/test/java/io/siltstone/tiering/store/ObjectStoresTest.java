package io.siltstone.tiering.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectStoresTest {

    private static final Map<String, String> KEYS = Map.of("s3.access.key", "a", "s3.secret.key", "b");

    @Test
    void opensADirectory(@TempDir Path folder) {
        try (ObjectStore store = ObjectStores.open(folder.toUri(), Map.of())) {
            assertThat(store).isInstanceOf(DirectoryObjectStore.class);
        }
    }

    @Test
    void opensABucketWithoutTellingItsSecret() {
        try (ObjectStore store = ObjectStores.open(URI.create("s3://my-bucket"), KEYS)) {
            assertThat(store.describe()).isEqualTo("s3://my-bucket");
        }
    }

    @Test
    void signsForThePublicEndpoint() {
        S3Settings settings = S3Settings.of(
                URI.create("s3://my-bucket"),
                Map.of(
                        "s3.endpoint", "http://minio:9000",
                        "s3.public.endpoint", "http://localhost:9000",
                        "s3.access.key", "a",
                        "s3.secret.key", "b"));
        try (S3ObjectStore store = new S3ObjectStore(settings)) {
            assertThat(store.signedUrl("key", java.time.Duration.ofMinutes(1)).getHost())
                    .isEqualTo("localhost");
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() {
        assertThatThrownBy(() -> ObjectStores.open(URI.create("http://bucket"), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("s3://NAME");
        assertThatThrownBy(() -> ObjectStores.open(URI.create("s3://bucket"), Map.of("s3.access.key", "a")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("go together");
    }
}
