package io.siltstone.metadata.liveness;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Owner;
import io.siltstone.metadata.ClusterImage;
import io.siltstone.metadata.IngestNodeImage;
import io.siltstone.metadata.StorageDiskImage;
import java.util.LinkedHashSet;
import java.util.Set;

/** One incarnation of another node, and where it listens. */
public sealed interface Peer {

    String host();

    int port();

    /** An ingest node at its Kafka port. */
    record Ingest(Owner owner, String host, int port) implements Peer {}

    /** A storage disk at its node's port. */
    record Storage(DiskId disk, long incarnation, String host, int port) implements Peer {}

    /** All live nodes but one's own. */
    static Set<Peer> of(ClusterImage image, Owner self) {
        Set<Peer> peers = new LinkedHashSet<>();
        for (IngestNodeImage node : image.ingestNodes().values()) {
            if (!node.owner().equals(self)) {
                peers.add(new Ingest(node.owner(), node.host(), node.port()));
            }
        }
        for (StorageDiskImage disk : image.storageDisks().values()) {
            if (disk.live()) {
                peers.add(new Storage(disk.disk(), disk.incarnation(), disk.host(), disk.port()));
            }
        }
        return peers;
    }
}
