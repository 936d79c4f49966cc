package io.siltstone.testkit.clients;

import io.siltstone.testkit.cluster.InProcessCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Gives tests the address of one cluster that they share: three storage nodes, two ingest nodes. */
final class ClusterUnderTest implements ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(ClusterUnderTest.class);

    /** Where the cluster's clients begin. */
    record Address(String bootstrap) {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Address.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return new Address(context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(Running.class, key -> new Running(), Running.class)
                .cluster
                .bootstrapServers());
    }

    /** The cluster, until the last test of the run is done. */
    private static final class Running implements AutoCloseable {

        private final Path directory;
        private final InProcessCluster cluster;

        Running() {
            try {
                this.directory = Files.createTempDirectory("siltstone-clients");
                this.cluster = InProcessCluster.start(
                        directory,
                        3,
                        2,
                        Map.of("offsets.topic.num.partitions", "4", "group.initial.rebalance.delay.ms", "0"));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public void close() throws IOException {
            cluster.close();
            try (Stream<Path> files = Files.walk(directory)) {
                for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
