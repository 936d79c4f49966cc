package io.siltstone.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** confluent-kafka, a new librdkafka, from Python's package index. */
@ExtendWith(ClusterUnderTest.class)
class PythonClientTest {

    private static final Path FOLDER = Path.of("target", "python-client").toAbsolutePath();
    private static final String PACKAGE = "confluent-kafka==2.16.1";

    @BeforeAll
    static void install() {
        ExternalProgram.assumePresent("python3");
        try (InputStream script = PythonClientTest.class.getResourceAsStream("python/round_trip.py")) {
            Files.createDirectories(FOLDER);
            Files.copy(script, FOLDER.resolve("round_trip.py"), StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        boolean installed = Files.exists(FOLDER.resolve("installed"))
                || (ExternalProgram.succeeds(FOLDER, "python3", "-m", "venv", "environment")
                        && ExternalProgram.succeeds(FOLDER, "environment/bin/pip", "install", "-q", PACKAGE)
                        && ExternalProgram.succeeds(FOLDER, "touch", "installed"));
        assumeTrue(installed, "skipped: " + PACKAGE + " cannot be installed on this machine");
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void worksInGroups(String protocol, ClusterUnderTest.Address cluster) {
        String output = ExternalProgram.run(
                FOLDER,
                "",
                FOLDER.resolve("environment/bin/python").toString(),
                "round_trip.py",
                cluster.bootstrap(),
                "python-" + UUID.randomUUID(),
                protocol);

        assertThat(output).endsWith("ok\n");
    }
}
