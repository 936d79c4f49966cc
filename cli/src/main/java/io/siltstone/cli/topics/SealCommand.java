package io.siltstone.cli.topics;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code siltstone seal}: closes a topic's open segments now, so that they go to the bucket. */
@Command(
        name = "seal",
        mixinStandardHelpOptions = true,
        description = "Closes the topic's open segments now, so that they go to the bucket.")
public final class SealCommand implements Callable<Integer> {
    @Parameters(paramLabel = "TOPIC", description = "The topic.")
    private String topic;

    @Mixin
    private ClusterOption cluster;

    @Option(
            names = "--wait",
            description = "Return when everything is in the bucket and trimmed from the storage nodes.")
    private boolean wait;

    @Option(
            names = "--timeout",
            defaultValue = "600",
            paramLabel = "SECONDS",
            description = "How long to wait at most (default ${DEFAULT-VALUE}).")
    private long timeoutSeconds;

    @Override
    public Integer call() throws InterruptedException {
        try (Admin admin = cluster.admin()) {
            Sealing sealing = new Sealing(new IngestHttp(admin), topic);
            sealing.seal();
            if (wait) {
                sealing.await(Duration.ofSeconds(timeoutSeconds), segments -> {});
            }
            return 0;
        }
    }
}
