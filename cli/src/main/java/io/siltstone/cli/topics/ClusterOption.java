package io.siltstone.cli.topics;

import io.siltstone.cli.Bootstrap;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import picocli.CommandLine.Option;

/** Which running cluster a command speaks to, and how it answers. */
final class ClusterOption {
    private static final int TIMEOUT_MS = 30_000;

    @Option(
            names = "--bootstrap",
            defaultValue = "127.0.0.1:9092",
            paramLabel = "ADDRESS",
            description = "Kafka bootstrap address (default ${DEFAULT-VALUE}).")
    private String bootstrap;

    @Option(names = "--json", description = "Write JSON for a program to read.")
    private boolean json;

    /** A client of the cluster, to be closed by the caller. */
    Admin admin() {
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, Bootstrap.reachable(bootstrap));
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        return Admin.create(properties);
    }

    boolean json() {
        return json;
    }
}
