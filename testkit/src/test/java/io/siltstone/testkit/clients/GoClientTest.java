package io.siltstone.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** franz-go, from Go's module proxy. */
@ExtendWith(ClusterUnderTest.class)
class GoClientTest {

    private static final Path FOLDER = Path.of("target", "go-client").toAbsolutePath();

    @BeforeAll
    static void build() {
        ExternalProgram.assumePresent("go");
        for (String file : List.of("go.mod", "go.sum", "main.go")) {
            try (InputStream source = GoClientTest.class.getResourceAsStream("go/" + file + ".txt")) {
                Files.createDirectories(FOLDER);
                Files.copy(source, FOLDER.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        assumeTrue(
                ExternalProgram.succeeds(FOLDER, "go", "mod", "download"),
                "skipped: franz-go cannot be fetched on this machine");
        ExternalProgram.run(FOLDER, "", "go", "build", "-o", "round-trip", ".");
    }

    @Test
    void worksInGroups(ClusterUnderTest.Address cluster) {
        String output = ExternalProgram.run(
                FOLDER, "", FOLDER.resolve("round-trip").toString(), cluster.bootstrap(), "go-" + UUID.randomUUID());

        assertThat(output).endsWith("ok\n");
    }
}
