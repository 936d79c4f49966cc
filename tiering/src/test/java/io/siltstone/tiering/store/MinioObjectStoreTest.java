package io.siltstone.tiering.store;

import java.net.URI;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** The S3 adapter against MinIO in a container, which answers checksums. Skipped where there is no Docker. */
class MinioObjectStoreTest extends ObjectStoreContract {

    private static final String IMAGE_VARIABLE = "SILTSTONE_MINIO_IMAGE";
    private static final String ACCESS_KEY = "siltstone";
    private static final String SECRET_KEY = "siltstone-secret";
    private static final int PORT = 9000;

    @SuppressWarnings("NullAway.Init")
    private static GenericContainer<?> server;

    @SuppressWarnings("NullAway.Init")
    private static S3ObjectStore store;

    @BeforeAll
    static void start() {
        String image = System.getenv(IMAGE_VARIABLE);
        Assumptions.assumeTrue(
                image != null && DockerClientFactory.instance().isDockerAvailable(),
                () -> "skipped: needs Docker and a MinIO image named by " + IMAGE_VARIABLE + " (now: " + image + ")");
        server = new GenericContainer<>(DockerImageName.parse(String.valueOf(image)))
                .withEnv("MINIO_ROOT_USER", ACCESS_KEY)
                .withEnv("MINIO_ROOT_PASSWORD", SECRET_KEY)
                .withCommand("server", "/data")
                .withExposedPorts(PORT)
                .waitingFor(
                        Wait.forHttp("/minio/health/ready").forPort(PORT).withStartupTimeout(Duration.ofMinutes(2)));
        server.start();
        URI endpoint = URI.create("http://" + server.getHost() + ":" + server.getMappedPort(PORT));
        store = new S3ObjectStore(settings(endpoint, ACCESS_KEY, SECRET_KEY));
        store.client().createBucket(request -> request.bucket("bucket")).join();
    }

    @AfterAll
    static void stop() {
        if (store != null) {
            store.close();
        }
        if (server != null) {
            server.stop();
        }
    }

    @Override
    ObjectStore store() {
        return store;
    }
}
