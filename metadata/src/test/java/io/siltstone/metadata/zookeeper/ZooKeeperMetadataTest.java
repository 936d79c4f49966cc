package io.siltstone.metadata.zookeeper;

import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataContractTest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real ZooKeeper; each test has a root of its own. */
class ZooKeeperMetadataTest extends MetadataContractTest {

    private static final AtomicInteger ROOTS = new AtomicInteger();

    @TempDir
    static Path directory;

    private static EmbeddedZooKeeper server;

    private final List<Metadata> processes = new ArrayList<>();
    private final String root = "/cluster-" + ROOTS.incrementAndGet();

    @BeforeAll
    static void startServer() {
        server = EmbeddedZooKeeper.start(directory, 0);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @AfterEach
    void disconnect() {
        processes.forEach(Metadata::close);
    }

    @Override
    protected Metadata process() {
        return connect();
    }

    @Override
    protected Metadata anotherProcess() {
        return processes.size() > 1 ? processes.get(1) : connect();
    }

    private Metadata connect() {
        Metadata process = ZooKeeperMetadata.connect(
                new ZooKeeperSettings(server.connectString(), root, 10_000, 15_000), Optional.empty());
        processes.add(process);
        return process;
    }
}
