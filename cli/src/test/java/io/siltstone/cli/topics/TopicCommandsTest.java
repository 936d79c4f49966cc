package io.siltstone.cli.topics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.siltstone.cli.CommandRun;
import io.siltstone.testkit.cluster.InProcessCluster;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that speak to a running cluster about its topics, and what they say when it goes wrong. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class TopicCommandsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path folder;

    private static InProcessCluster cluster;

    @BeforeAll
    static void start() {
        cluster = InProcessCluster.start(
                folder, 3, 1, Map.of("bucket", folder.resolve("bucket").toUri().toString()));
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void aTopicIsCreatedListedDescribedAndDeleted() throws Exception {
        CommandRun created = ask("topics", "create", "birds", "--partitions", "3", "--config", "retention.ms=1000");
        assertThat(created.exit()).as(created.err()).isZero();
        assertThat(created.out()).contains("created birds with 3 partitions");
        assertThat(ask("topics", "list").out().lines()).contains("birds");
        assertThat(JSON.readTree(ask("topics", "list", "--json").out()))
                .anyMatch(name -> name.asText().equals("birds"));

        JsonNode described =
                JSON.readTree(ask("topics", "describe", "birds", "--json").out());
        assertThat(described.path("configs").path("retention.ms").asText()).isEqualTo("1000");
        assertThat(described.path("partitions")).hasSize(3);
        assertThat(described.path("partitions").path(2).path("end").asLong(-1)).isZero();
        assertThat(ask("topics", "describe", "birds").out()).contains("retention.ms = 1000", "log start");

        CommandRun deleted = ask("topics", "delete", "birds", "--json");
        assertThat(deleted.exit()).as(deleted.err()).isZero();
        assertThat(JSON.readTree(deleted.out()).path("deleted").path(0).asText())
                .isEqualTo("birds");
        assertThat(ask("topics", "list").out().lines()).doesNotContain("birds");
    }

    @Test
    void segmentsAreSealedAndTold() throws Exception {
        ask("topics", "create", "stones", "--partitions", "1");
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>("stones", "a stone")).get();
        }
        JsonNode before = JSON.readTree(ask("segments", "stones", "--json").out());
        assertThat(before).hasSize(1);
        assertThat(before.path(0).path("state").asText()).isEqualTo("open");

        CommandRun sealed = ask("seal", "stones", "--wait", "--json");
        assertThat(sealed.exit()).as(sealed.err()).isZero();
        assertThat(JSON.readTree(sealed.out()).path("tiered").asBoolean()).isTrue();

        JsonNode after = JSON.readTree(ask("segments", "stones", "--json").out());
        assertThat(after.path(0).path("state").asText()).isEqualTo("tiered");
        assertThat(after.path(0).path("hotBytes").asLong(-1)).isZero();
        assertThat(after.path(0).path("tieredBytes").asLong()).isPositive();
        assertThat(folder.resolve("bucket").resolve(after.path(0).path("object").asText()))
                .isRegularFile();
        assertThat(ask("segments", "stones").out()).contains("tiered", "/segments/");
    }

    @Test
    void anUnknownTopicIsNamed() {
        for (String command : List.of("topics describe", "topics delete", "segments", "seal")) {
            List<String> words = new ArrayList<>(List.of(command.split(" ", -1)));
            words.add("missing-topic");

            CommandRun run = ask(words.toArray(String[]::new));

            assertFailed(run, 1, "missing-topic");
        }
    }

    @Test
    void aTopicThatCannotBeMadeIsRefusedWithItsReason() {
        ask("topics", "create", "taken");

        assertFailed(ask("topics", "create", "taken"), 1, "topic taken: ");
        assertFailed(ask("topics", "create", "no spaces"), 1, "no spaces");
        assertFailed(ask("topics", "create", "wide", "--replication-factor", "9"), 1, "topic wide: ");
        assertFailed(ask("topics", "create", "odd", "--config", "no.such.key=1"), 1, "no.such.key");
        assertFailed(ask("topics", "create", "none", "--partitions", "x"), 2, "'x' is not an int");
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

    private static CommandRun ask(String... words) {
        List<String> args = new ArrayList<>(List.of(words));
        args.addAll(List.of("--bootstrap", cluster.bootstrapServers()));
        return CommandRun.of(args.toArray(String[]::new));
    }

    private static void assertFailed(CommandRun run, int exit, String message) {
        assertThat(run.exit()).as(run.err()).isEqualTo(exit);
        assertThat(run.err()).contains(message).doesNotContain("\tat ");
        assertThat(run.out()).isEmpty();
    }
}
