package io.siltstone.metadata.memory;

import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataContractTest;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;

class InMemoryMetadataTest extends MetadataContractTest {

    private final InMemoryCluster cluster = InMemoryCluster.threaded(new Random(1));

    @AfterEach
    void closeCluster() {
        cluster.close();
    }

    @Override
    protected Metadata process() {
        return cluster.join();
    }

    @Override
    protected Metadata anotherProcess() {
        return cluster.join();
    }
}
