package io.siltstone.metadata.memory;

import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataStore;
import io.siltstone.metadata.assignment.Controller;
import java.util.concurrent.Executor;

/** One process's way to an {@link InMemoryCluster}. */
final class InMemoryMetadata implements Metadata {

    private final InMemoryCluster cluster;
    private final MetadataStore store;

    InMemoryMetadata(InMemoryCluster cluster) {
        this.cluster = cluster;
        this.store = new InMemoryMetadataStore(cluster, this);
    }

    @Override
    public String clusterId() {
        return cluster.clusterId();
    }

    @Override
    public MetadataStore store() {
        return store;
    }

    @Override
    public ClusterView view() {
        return cluster.publisher();
    }

    @Override
    public ChainStore chainStore(Executor loop) {
        return new InMemoryChainStore(cluster, loop);
    }

    @Override
    public Candidacy runForController(Owner self) {
        Controller controller =
                new Controller(chainStore(cluster::execute), cluster.timers(), Controller.Settings.DEFAULT);
        ClusterView.Subscription subscription = view().subscribe(controller::changed);
        cluster.execute(() -> cluster.stand(self, controller));
        return () -> {
            subscription.close();
            cluster.execute(() -> cluster.withdraw(self));
        };
    }

    @Override
    public void close() {
        cluster.execute(() -> cluster.left(this));
    }
}
