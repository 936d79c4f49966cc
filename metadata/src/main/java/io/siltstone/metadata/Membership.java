package io.siltstone.metadata;

import io.siltstone.log.DiskId;
import io.siltstone.log.chain.Owner;
import java.util.concurrent.CompletableFuture;

/** Port: which nodes are there. Futures fail with {@link MetadataException}. */
public interface Membership {

    /**
     * Makes this process a live ingest node; an earlier incarnation of the same broker id is evicted.
     *
     * @param lost called once, on the store's thread, when the registration is gone though nobody asked: the store ended
     *     the session, or a peer evicted it. The incarnation is over then: give its partitions up, and register a new
     *     one. While the store is merely away nothing is called: serving goes on, and fencing decides.
     */
    CompletableFuture<Void> registerIngestNode(IngestNodeImage node, Runnable lost);

    /** The node hands its partitions over; the controller assigns them elsewhere. */
    CompletableFuture<Void> setDraining(Owner owner);

    /** The end of a graceful stop; {@code lost} is not called. */
    CompletableFuture<Void> unregisterIngestNode(Owner owner);

    /**
     * Registers a disk for good, and as live as long as this process is. The liveness comes back by itself after a lost
     * session or an eviction.
     */
    CompletableFuture<Void> registerStorageDisk(StorageDiskImage disk);

    /** Tells whether a disk registered here takes appends, and how much more. */
    CompletableFuture<Void> setRoom(DiskId disk, boolean writable, DiskRoom room);

    /** The end of a graceful stop: the disk is not live any more, its registration stays. */
    CompletableFuture<Void> unregisterStorageDisk(DiskId disk);

    /** An operator says that the disk is gone for good. Fails with {@link MetadataException.Invalid} while it is live. */
    CompletableFuture<Void> forgetStorageDisk(DiskId disk);

    /**
     * Takes from a dead incarnation its liveness and, where it is controller, that. For peers that saw its process gone;
     * fencing makes a wrong guess harmless. Gone already is success.
     */
    CompletableFuture<Void> evict(Owner owner);

    /** As {@link #evict(Owner)}, for a disk whose process is gone. */
    CompletableFuture<Void> evict(DiskId disk, long incarnation);
}
