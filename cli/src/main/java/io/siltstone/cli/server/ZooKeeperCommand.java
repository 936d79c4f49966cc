package io.siltstone.cli.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.siltstone.metadata.zookeeper.EmbeddedZooKeeper;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code siltstone zookeeper}: the ZooKeeper of a small cluster, in the foreground. */
@Command(
        name = "zookeeper",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the ZooKeeper of a one-machine cluster in the foreground.",
            "Properties: host, port, http.port, data.dir."
        })
public final class ZooKeeperCommand implements Callable<Integer> {
    @Mixin
    private ServerOptions options;

    @Override
    public Integer call() throws InterruptedException {
        ZooKeeperConfig config = ZooKeeperConfig.of(options.properties(), System.getenv());
        options.holdPidFile();
        AtomicBoolean ready = new AtomicBoolean();
        HealthEndpoint health = new HealthEndpoint(
                config.host(), config.httpPort(), new PrometheusMeterRegistry(PrometheusConfig.DEFAULT), ready::get);
        EmbeddedZooKeeper zooKeeper = EmbeddedZooKeeper.start(config.dataDir(), config.host(), config.port());
        ready.set(true);
        Foreground.run("zookeeper", () -> {
            health.close();
            zooKeeper.close();
        });
        return 0;
    }
}
