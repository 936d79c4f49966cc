package io.siltstone.cli.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.cli.CommandRun;
import io.siltstone.cli.Siltstone;
import io.siltstone.testkit.cluster.InProcessCluster;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What becomes of a replay whose output cannot be written to its end. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ReplayOutputTest {
    private static final int RECORDS = 10_000; // more than the command buffers

    @TempDir
    static Path folder;

    private static InProcessCluster cluster;

    @BeforeAll
    static void produce() {
        cluster = InProcessCluster.start(
                folder, 3, 1, Map.of("bucket", folder.resolve("bucket").toUri().toString()));
        CommandRun.of("topics", "create", "numbers", "--bootstrap", cluster.bootstrapServers());
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", cluster.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            for (int i = 0; i < RECORDS; i++) {
                producer.send(new ProducerRecord<>("numbers", String.valueOf(i)));
            }
            producer.flush();
        }
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @Test
    void endsQuietlyWhenItsReaderHasHadEnough() {
        CommandRun run = replayTo(new Failing(3, "Broken pipe"));

        assertThat(run.exit()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
    }

    @Test
    void failsWhenItsOutputIsLost() {
        CommandRun run = replayTo(new Failing(3, "No space left on device"));

        assertThat(run.exit()).isEqualTo(1);
        assertThat(run.err()).contains("No space left on device");
    }

    private static CommandRun replayTo(OutputStream out) {
        CommandLine command = Siltstone.commandLine();
        CommandLine replay = Objects.requireNonNull(command.getSubcommands().get("replay"));
        replay.<ReplayCommand>getCommand().writeTo(out);
        return CommandRun.of(command, "replay", "numbers", "--bootstrap", cluster.bootstrapServers());
    }

    /** Takes so many bytes and then fails. */
    private static final class Failing extends OutputStream {
        private final String message;
        private long left;

        Failing(long bytes, String message) {
            this.left = bytes;
            this.message = message;
        }

        @Override
        public void write(int one) throws IOException {
            if (left-- <= 0) {
                throw new IOException(message);
            }
        }
    }
}
