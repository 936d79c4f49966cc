package io.siltstone.cli.server;

import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.cli.UsageException;
import io.siltstone.ingest.IngestNode;
import io.siltstone.ingest.IngestNodeConfig;
import java.util.concurrent.Callable;
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
        new JvmMemoryMetrics().bindTo(metrics);
        new ProcessorMetrics().bindTo(metrics);
        Foreground.run("ingest-node", IngestNode.start(config, metrics));
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
