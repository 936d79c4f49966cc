package io.siltstone.metadata.zookeeper;

import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.ClusterView;
import io.siltstone.metadata.Metadata;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.MetadataStore;
import io.siltstone.metadata.zookeeper.proto.ClusterZnode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.retry.BoundedExponentialBackoffRetry;
import org.jspecify.annotations.Nullable;

/** A process's session with the cluster's ZooKeeper, and the ports that share it. */
public final class ZooKeeperMetadata implements Metadata {

    private static final int MAX_CHAIN_CALLS = 100_000;
    private static final int RETRY_BASE_MS = 50;
    private static final int RETRY_MAX_MS = 500;
    private static final int RETRIES = 5;
    private static final long CLOSE_TIMEOUT_MS = 1_000;

    private final CuratorFramework client;
    private final Znodes znodes;
    private final String clusterId;
    private final StoreCalls calls = new StoreCalls();
    private final ZooKeeperMetadataStore store;
    private final ThreadPoolExecutor chainCalls;
    private final List<ZooKeeperCandidacy> candidacies = new ArrayList<>();
    private @Nullable ZooKeeperClusterView view;

    private ZooKeeperMetadata(CuratorFramework client, Znodes znodes, ClusterZnode cluster) {
        this.client = client;
        this.znodes = znodes;
        this.clusterId = cluster.getClusterId();
        this.store = new ZooKeeperMetadataStore(
                client, znodes, calls, cluster.getSecret().toByteArray());
        this.chainCalls = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_CHAIN_CALLS),
                StoreCalls.daemonThreads("metadata-chains"));
    }

    /**
     * Connects and joins the cluster, or creates it where there is none. Blocks until that is done.
     *
     * @param expectedClusterId the cluster that this node belongs to; empty where it belongs to none yet
     * @throws MetadataException.WrongCluster where ZooKeeper holds another cluster or none, or another format
     * @throws MetadataException.Unavailable where ZooKeeper is not reached in time
     */
    public static ZooKeeperMetadata connect(ZooKeeperSettings settings, Optional<String> expectedClusterId) {
        CuratorFramework client = CuratorFrameworkFactory.builder()
                .connectString(settings.connect())
                .sessionTimeoutMs(settings.sessionTimeoutMs())
                .connectionTimeoutMs(settings.sessionTimeoutMs())
                .retryPolicy(new BoundedExponentialBackoffRetry(RETRY_BASE_MS, RETRY_MAX_MS, RETRIES))
                .zookeeperFactory(new SessionResumption())
                .ensembleTracker(false)
                .build();
        client.start();
        try {
            if (!client.blockUntilConnected(settings.connectTimeoutMs(), TimeUnit.MILLISECONDS)) {
                throw new MetadataException.Unavailable("ZooKeeper at " + settings.connect()
                        + " was not reached within " + settings.connectTimeoutMs() + " ms");
            }
            Znodes znodes = new Znodes(settings.root());
            ClusterZnode cluster = new ClusterJoin(client, znodes).join(expectedClusterId.orElse(null));
            return new ZooKeeperMetadata(client, znodes, cluster);
        } catch (Exception failure) {
            client.close();
            throw StoreCalls.translate(failure);
        }
    }

    @Override
    public String clusterId() {
        return clusterId;
    }

    @Override
    public MetadataStore store() {
        return store;
    }

    @Override
    public synchronized ClusterView view() {
        if (view == null) {
            view = new ZooKeeperClusterView(client, znodes, clusterId);
            view.start();
        }
        return view;
    }

    @Override
    public ChainStore chainStore(Executor loop) {
        return new ZooKeeperChainStore(client, znodes, chainCalls, loop);
    }

    @Override
    public synchronized Candidacy runForController(Owner self) {
        OrphanSweep sweep = new OrphanSweep(
                calls, new ZooKeeperTopics(client, znodes), () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        ZooKeeperCandidacy candidacy = new ZooKeeperCandidacy(client, znodes, self, view(), this::chainStore, sweep);
        candidacies.add(candidacy);
        return candidacy;
    }

    /** The session beneath, which tests break. */
    CuratorFramework client() {
        return client;
    }

    @Override
    public synchronized void close() {
        candidacies.forEach(candidacy -> candidacy.closeAndWait(CLOSE_TIMEOUT_MS));
        if (view != null) {
            view.close();
        }
        store.close();
        calls.close();
        chainCalls.shutdownNow();
        client.close();
    }
}
