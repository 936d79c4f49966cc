package io.siltstone.metadata.zookeeper;

import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.zookeeper.proto.ClusterZnode;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first step of a process into a cluster: it finds the cluster's znode, or creates the cluster where there is none
 * and the process belongs to none yet. Blocking.
 */
final class ClusterJoin {

    private static final Logger LOG = LoggerFactory.getLogger(ClusterJoin.class);
    private static final int SECRET_BYTES = 32;

    private final CuratorFramework client;
    private final Znodes znodes;

    ClusterJoin(CuratorFramework client, Znodes znodes) {
        this.client = client;
        this.znodes = znodes;
    }

    /**
     * The cluster's znode.
     *
     * @param expectedId the cluster that this process belongs to, as its disk or configuration says; null for none yet
     * @throws MetadataException.WrongCluster where another cluster, no cluster or another format is there
     */
    ClusterZnode join(@Nullable String expectedId) throws Exception {
        ClusterZnode cluster = findOrCreate(expectedId);
        if (expectedId != null && !expectedId.equals(cluster.getClusterId())) {
            throw new MetadataException.WrongCluster("ZooKeeper holds cluster " + cluster.getClusterId() + " under "
                    + znodes.root() + ", but this node belongs to cluster " + expectedId);
        }
        return cluster;
    }

    private ClusterZnode findOrCreate(@Nullable String expectedId) throws Exception {
        try {
            return decode(client.getData().forPath(znodes.cluster()));
        } catch (KeeperException.NoNodeException none) {
            if (expectedId != null) {
                throw new MetadataException.WrongCluster("ZooKeeper holds no cluster under " + znodes.root()
                        + ", but this node belongs to cluster " + expectedId
                        + "; check the address and root of ZooKeeper, or restore it");
            }
        }
        for (String folder : List.of(
                znodes.topics(),
                znodes.partitions(),
                znodes.deletedTopics(),
                znodes.ingestNodes(),
                znodes.disks(),
                znodes.liveDisks(),
                znodes.election(),
                znodes.configs())) {
            createIfAbsent(folder, new byte[0]);
        }
        createIfAbsent(znodes.producerIds(), ZnodeCodec.producerIds(0));
        SecureRandom random = new SecureRandom();
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        String clusterId = mintClusterId(random);
        if (createIfAbsent(znodes.cluster(), ZnodeCodec.cluster(clusterId, System.currentTimeMillis(), secret))) {
            LOG.info("Created cluster {} under {}", clusterId, znodes.root());
        }
        return decode(client.getData().forPath(znodes.cluster()));
    }

    private boolean createIfAbsent(String path, byte[] data) throws Exception {
        try {
            client.create().creatingParentsIfNeeded().forPath(path, data);
            return true;
        } catch (KeeperException.NodeExistsException there) {
            return false;
        }
    }

    private static ClusterZnode decode(byte[] bytes) {
        try {
            return ZnodeCodec.cluster(bytes);
        } catch (IllegalArgumentException otherFormat) {
            throw new MetadataException.WrongCluster(String.valueOf(otherFormat.getMessage()));
        }
    }

    /** 16 random bytes as 22 characters, as Kafka writes its ids; never with a leading dash, which shells take amiss. */
    private static String mintClusterId(SecureRandom random) {
        byte[] bytes = new byte[16];
        String id;
        do {
            random.nextBytes(bytes);
            id = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } while (id.startsWith("-"));
        return id;
    }
}
