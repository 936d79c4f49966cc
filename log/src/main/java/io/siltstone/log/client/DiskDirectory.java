package io.siltstone.log.client;

import io.siltstone.log.DiskId;
import java.util.Optional;

/** Port: where a disk can be reached now, as the cluster's image tells it. Called on event loops; must not block. */
@FunctionalInterface
public interface DiskDirectory {

    /** Empty where the disk's node is not registered. */
    Optional<DiskAddress> locate(DiskId disk);
}
