package io.siltstone.cli.topics;

import io.siltstone.cli.Json;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code siltstone seal}: closes a topic's open segments now, so that they go to the bucket. */
@Command(
        name = "seal",
        mixinStandardHelpOptions = true,
        description = {
            "Closes the topic's open segments now, so that they go to the bucket. Asks again, until --timeout, while the"
                    + " owner of a partition does not answer.",
            "With --json topic, sealed, and tiered: whether all is known to be in the bucket (--wait)."
        })
public final class SealCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

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
            description = "How long to try and wait at most (default ${DEFAULT-VALUE}).")
    private long timeoutSeconds;

    @Override
    public Integer call() throws InterruptedException {
        try (Admin admin = cluster.admin()) {
            Sealing sealing = new Sealing(new IngestHttp(admin), topic, Duration.ofSeconds(timeoutSeconds));
            sealing.seal();
            if (wait) {
                sealing.await(segments -> {});
            }
        }
        if (cluster.json()) {
            PrintWriter out = spec.commandLine().getOut();
            out.println(Json.pretty(Map.of("topic", topic, "sealed", true, "tiered", wait)));
            out.flush();
        }
        return 0;
    }
}
