package io.siltstone.tiering.upload;

import java.nio.ByteBuffer;
import java.util.Map;

/** Port: knows the bytes of the partition's snapshots, of which this package knows nothing else. */
@FunctionalInterface
public interface OpenTransactions {

    /**
     * First offsets of the transactions that were open at the snapshot, by producer id.
     *
     * @param snapshot as the partition's owner wrote it; may be empty
     */
    Map<Long, Long> in(ByteBuffer snapshot);
}
