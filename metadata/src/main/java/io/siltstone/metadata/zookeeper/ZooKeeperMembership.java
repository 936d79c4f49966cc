package io.siltstone.metadata.zookeeper;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.DiskRoom;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.MetadataException;
import io.siltstone.metadata.StorageDiskImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.recipes.nodes.PersistentNode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Live nodes as ephemeral znodes, one per incarnation, so that evicting one never hits its successor. Blocking; called
 * on the store's threads.
 */
final class ZooKeeperMembership implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ZooKeeperMembership.class);
    private static final int REGISTER_TIMEOUT_MS = 10_000;

    private final CuratorFramework client;
    private final Znodes znodes;
    private final Map<Owner, IngestRegistration> ingestNodes = new ConcurrentHashMap<>();
    private final Map<DiskId, LiveDisk> disks = new ConcurrentHashMap<>();

    ZooKeeperMembership(CuratorFramework client, Znodes znodes) {
        this.client = client;
        this.znodes = znodes;
    }

    void registerIngestNode(IngestNodeImage node, Runnable lost) throws Exception {
        Owner owner = node.owner();
        for (String child : client.getChildren().forPath(znodes.ingestNodes())) {
            String prefix = Znodes.ingestNodePrefix(owner.node());
            if (child.startsWith(prefix) && !znodes.ingestNode(owner).endsWith("/" + child)) {
                evict(new Owner(owner.node(), Long.parseUnsignedLong(child.substring(prefix.length()), 16)));
            }
        }
        IngestRegistration registration = new IngestRegistration(client, znodes.ingestNode(owner), () -> {
            ingestNodes.remove(owner);
            lost.run();
        });
        ingestNodes.put(owner, registration);
        try {
            registration.create(ZnodeCodec.ingestNode(node));
        } catch (Exception failure) {
            ingestNodes.remove(owner, registration);
            throw failure;
        }
        LOG.info("Registered ingest node {} at {}:{}", owner, node.host(), node.port());
    }

    void setDraining(Owner owner) throws Exception {
        String path = znodes.ingestNode(owner);
        try {
            IngestNodeImage node = ZnodeCodec.ingestNode(client.getData().forPath(path));
            client.setData().forPath(path, ZnodeCodec.ingestNode(node.withDraining(true)));
        } catch (KeeperException.NoNodeException gone) {
            throw new MetadataException.NotFound("ingest node " + owner + " is not registered");
        }
    }

    void unregisterIngestNode(Owner owner) throws Exception {
        IngestRegistration registration = ingestNodes.remove(owner);
        if (registration != null) {
            registration.remove();
        }
    }

    void registerStorageDisk(StorageDiskImage disk) throws Exception {
        byte[] data = ZnodeCodec.storageDisk(disk);
        client.create().orSetData().forPath(znodes.disk(disk.disk()), data);
        String path = znodes.liveDisk(disk.disk(), disk.incarnation());
        String prefix = Znodes.liveDiskPrefix(disk.disk());
        for (String child : client.getChildren().forPath(znodes.liveDisks())) {
            if (child.startsWith(prefix) && !path.endsWith("/" + child)) {
                client.delete().quietly().forPath(znodes.liveDisks() + "/" + child);
            }
        }
        PersistentNode liveness = new PersistentNode(client, CreateMode.EPHEMERAL, false, path, data);
        LiveDisk earlier = disks.put(disk.disk(), new LiveDisk(disk, liveness));
        if (earlier != null) {
            earlier.close();
        }
        liveness.start();
        if (!liveness.waitForInitialCreate(REGISTER_TIMEOUT_MS, TimeUnit.MILLISECONDS)) {
            throw new MetadataException.Unavailable("disk " + disk.disk() + " could not be registered as live within "
                    + REGISTER_TIMEOUT_MS + " ms; it goes on trying");
        }
        LOG.info("Registered disk {} of {} at {}:{}", disk.disk(), disk.node(), disk.host(), disk.port());
    }

    void setRoom(DiskId disk, boolean writable, DiskRoom room) throws Exception {
        LiveDisk live = disks.get(disk);
        if (live == null) {
            throw new MetadataException.NotFound("disk " + disk + " is not registered by this process");
        }
        live.liveness()
                .setData(ZnodeCodec.storageDisk(
                        live.disk().withWritable(writable).withRoom(room)));
    }

    void unregisterStorageDisk(DiskId disk) {
        LiveDisk live = disks.remove(disk);
        if (live != null) {
            live.close();
        }
    }

    void forgetStorageDisk(DiskId disk) throws Exception {
        String prefix = Znodes.liveDiskPrefix(disk);
        if (client.getChildren().forPath(znodes.liveDisks()).stream().anyMatch(child -> child.startsWith(prefix))) {
            throw new MetadataException.Invalid("disk " + disk + " is live; stop its storage node first");
        }
        client.delete().quietly().forPath(znodes.disk(disk));
    }

    void evict(Owner owner) throws Exception {
        client.delete().quietly().forPath(znodes.ingestNode(owner));
        for (String child : client.getChildren().forPath(znodes.election())) {
            String path = znodes.election() + "/" + child;
            if (ElectionCandidate.idOf(owner).equals(candidate(path))) {
                client.delete().quietly().forPath(path);
            }
        }
        LOG.info("Evicted ingest node {}", owner);
    }

    private @Nullable String candidate(String path) throws Exception {
        try {
            return new String(client.getData().forPath(path), StandardCharsets.UTF_8);
        } catch (KeeperException.NoNodeException withdrawn) {
            return null;
        }
    }

    void evict(DiskId disk, long incarnation) throws Exception {
        client.delete().quietly().forPath(znodes.liveDisk(disk, incarnation));
        LOG.info("Evicted disk {} of incarnation {}", disk, Long.toHexString(incarnation));
    }

    /** The process ends: what is registered goes with the session, and nothing is registered again. */
    @Override
    public void close() {
        ingestNodes.values().forEach(IngestRegistration::abandon);
        disks.values().forEach(LiveDisk::close);
    }

    private record LiveDisk(StorageDiskImage disk, PersistentNode liveness) {

        void close() {
            try {
                liveness.close();
            } catch (IOException failure) {
                LOG.debug("The liveness of disk {} goes with the session", disk.disk(), failure);
            }
        }
    }
}
