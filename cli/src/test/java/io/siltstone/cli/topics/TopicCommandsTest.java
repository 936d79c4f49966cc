package io.siltstone.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.siltstone.cli.CommandRun;
import io.siltstone.cli.SharedCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The commands that speak to a running cluster about its topics, and what they say when it goes wrong. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class TopicCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final SharedCluster CLUSTER = new SharedCluster();

    @Test
    void aTopicIsCreatedListedDescribedAndDeleted() throws Exception {
        CommandRun created =
                CLUSTER.run("topics", "create", "birds", "--partitions", "3", "--config", "retention.ms=1000");
        assertThat(created.exit()).as(created.err()).isZero();
        assertThat(created.out()).contains("created birds with 3 partitions");
        assertThat(CLUSTER.run("topics", "list").out().lines()).contains("birds");
        assertThat(JSON.readTree(CLUSTER.run("topics", "list", "--json").out()))
                .anyMatch(name -> name.asText().equals("birds"));

        JsonNode described = JSON.readTree(
                CLUSTER.run("topics", "describe", "birds", "--json").out());
        assertThat(described.path("configs").path("retention.ms").asText()).isEqualTo("1000");
        assertThat(described.path("partitions")).hasSize(3);
        assertThat(described.path("partitions").path(2).path("end").asLong(-1)).isZero();
        assertThat(CLUSTER.run("topics", "describe", "birds").out()).contains("retention.ms = 1000", "log start");

        CommandRun deleted = CLUSTER.run("topics", "delete", "birds", "--json");
        assertThat(deleted.exit()).as(deleted.err()).isZero();
        assertThat(JSON.readTree(deleted.out()).path("deleted").path(0).asText())
                .isEqualTo("birds");
        assertThat(CLUSTER.run("topics", "list").out().lines()).doesNotContain("birds");
    }

    @Test
    void segmentsAreSealedAndTold() throws Exception {
        CLUSTER.run("topics", "create", "stones", "--partitions", "1");
        CLUSTER.produce("stones", List.of("a stone"));
        JsonNode before =
                JSON.readTree(CLUSTER.run("segments", "stones", "--json").out());
        assertThat(before).hasSize(1);
        assertThat(before.path(0).path("state").asText()).isEqualTo("open");

        CommandRun sealed = CLUSTER.run("seal", "stones", "--wait", "--json");
        assertThat(sealed.exit()).as(sealed.err()).isZero();
        assertThat(JSON.readTree(sealed.out()).path("tiered").asBoolean()).isTrue();

        JsonNode after =
                JSON.readTree(CLUSTER.run("segments", "stones", "--json").out());
        assertThat(after.path(0).path("state").asText()).isEqualTo("tiered");
        assertThat(after.path(0).path("hotBytes").asLong(-1)).isZero();
        assertThat(after.path(0).path("tieredBytes").asLong()).isPositive();
        assertThat(CLUSTER.bucket().resolve(after.path(0).path("object").asText()))
                .isRegularFile();
        assertThat(CLUSTER.run("segments", "stones").out()).contains("tiered", "/segments/");
    }

    @Test
    void anUnknownTopicIsNamed() {
        for (String command : List.of("topics describe", "topics delete", "segments", "seal")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
            words.add("missing-topic");

            CommandRun run = CLUSTER.run(words.toArray(String[]::new));

            assertFailed(run, 1, "missing-topic");
        }
    }

    @Test
    void aTopicThatCannotBeMadeIsRefusedWithItsReason() {
        CLUSTER.run("topics", "create", "taken");

        assertFailed(CLUSTER.run("topics", "create", "taken"), 1, "topic taken: ");
        assertFailed(CLUSTER.run("topics", "create", "no spaces"), 1, "no spaces");
        assertFailed(CLUSTER.run("topics", "create", "wide", "--replication-factor", "9"), 1, "topic wide: ");
        assertFailed(CLUSTER.run("topics", "create", "odd", "--config", "no.such.key=1"), 1, "no.such.key");
        assertFailed(CLUSTER.run("topics", "create", "none", "--partitions", "x"), 2, "'x' is not an int");
    }

    @Test
    void aClusterThatIsNotThereIsSaidSoAtOnce() {
        List<String> commands = List.of(
                "topics list",
                "topics create t",
                "topics describe t",
                "topics delete t",
                "segments t",
                "seal t",
                "verify t",
                "replay t",
                "bench");
        for (String command : commands) {
            CommandRun run = CommandRun.of((command + " --bootstrap 127.0.0.1:1").split(" ", -1));

            assertFailed(run, 1, "no cluster answers (127.0.0.1:1: ");
        }
    }

    @Test
    void anAddressThatIsNoneIsWrongUsage() {
        assertFailed(CommandRun.of("topics", "list", "--bootstrap", "nowhere"), 2, "nowhere is not HOST:PORT");
    }

    private static void assertFailed(CommandRun run, int exit, String message) {
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.out()).isEmpty();
    }
}
