package io.siltstone.cli.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.siltstone.cli.CommandRun;
import io.siltstone.cli.SharedCluster;
import io.siltstone.cli.Siltstone;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import picocli.CommandLine;

/** What becomes of a replay whose output cannot be written to its end. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ReplayOutputTest {
    private static final int RECORDS = 10_000; // more than the command buffers

    @RegisterExtension
    static final SharedCluster CLUSTER = new SharedCluster();

    @BeforeAll
    static void produce() throws Exception {
        CLUSTER.run("topics", "create", "numbers");
        CLUSTER.produce(
                "numbers", IntStream.range(0, RECORDS).mapToObj(String::valueOf).toList());
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
        return CommandRun.of(command, "replay", "numbers", "--bootstrap", CLUSTER.bootstrapServers());
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
