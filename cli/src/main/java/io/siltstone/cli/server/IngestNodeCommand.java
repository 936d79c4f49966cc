package io.siltstone.cli.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.cli.UsageException;
import io.siltstone.ingest.IngestNode;
import io.siltstone.ingest.IngestNodeConfig;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code siltstone ingest-node}: one ingest node in the foreground. */
@Command(
        name = "ingest-node",
        mixinStandardHelpOptions = true,
        description = {
            "Runs one ingest node in the foreground. It keeps nothing on disk.",
            "Needs the properties node.id and zookeeper.connect, and bucket to keep what is older; a wrong key is"
                    + " refused by name."
        })
public final class IngestNodeCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions options;

    @Override
    public Integer call() throws InterruptedException {
        IngestNodeConfig config = config();
        options.holdPidFile();
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        AtomicReference<@Nullable IngestNode> started = new AtomicReference<>();
        HealthEndpoint health = new HealthEndpoint(config.host(), config.httpPort(), metrics, () -> {
            IngestNode node = started.get();
            return node != null && node.isReady();
        });
        IngestNode node = IngestNode.start(config, metrics);
        started.set(node);
        Foreground.run("ingest-node", () -> {
            node.close();
            health.close();
        });
        return 0;
    }

    private IngestNodeConfig config() {
        try {
            return IngestNodeConfig.of(options.properties(), System.getenv());
        } catch (IllegalArgumentException e) {
            throw new UsageException(String.valueOf(e.getMessage()));
        }
    }
}
