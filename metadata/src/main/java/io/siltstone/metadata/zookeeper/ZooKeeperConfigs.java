package io.siltstone.metadata.zookeeper;

import io.siltstone.metadata.ProducerIdBlock;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.curator.framework.CuratorFramework;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;

/** Dynamic settings and the counter of producer ids as znodes. Blocking; called on the store's threads. */
final class ZooKeeperConfigs {

    private final CuratorFramework client;
    private final Znodes znodes;

    ZooKeeperConfigs(CuratorFramework client, Znodes znodes) {
        this.client = client;
        this.znodes = znodes;
    }

    void alter(String path, UnaryOperator<Map<String, String>> change) throws Exception {
        while (true) {
            try {
                Stat stat = new Stat();
                byte[] bytes = client.getData().storingStatIn(stat).forPath(path);
                byte[] next = ZnodeCodec.configs(change.apply(ZnodeCodec.configs(bytes)));
                if (replace(path, stat.getVersion(), next)) {
                    return;
                }
            } catch (KeeperException.NoNodeException none) {
                if (create(path, ZnodeCodec.configs(change.apply(Map.of())))) {
                    return;
                }
            }
        }
    }

    /** After an unknown outcome a block may be lost, which costs nothing; none is ever given out twice. */
    ProducerIdBlock allocateProducerIds() throws Exception {
        while (true) {
            Stat stat = new Stat();
            long first =
                    ZnodeCodec.producerIds(client.getData().storingStatIn(stat).forPath(znodes.producerIds()));
            byte[] next = ZnodeCodec.producerIds(first + ProducerIdBlock.SIZE);
            if (replace(znodes.producerIds(), stat.getVersion(), next)) {
                return new ProducerIdBlock(first, ProducerIdBlock.SIZE);
            }
        }
    }

    private boolean replace(String path, int version, byte[] next) throws Exception {
        try {
            client.setData().withVersion(version).forPath(path, next);
            return true;
        } catch (KeeperException.BadVersionException raced) {
            return false;
        }
    }

    private boolean create(String path, byte[] bytes) throws Exception {
        try {
            client.create().forPath(path, bytes);
            return true;
        } catch (KeeperException.NodeExistsException raced) {
            return false;
        }
    }
}
