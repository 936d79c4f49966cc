package io.siltstone.tiering.upload;

import io.siltstone.format.PartitionKeys;
import io.siltstone.log.DiskId;
import io.siltstone.log.PartitionId;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Timers;
import io.siltstone.tiering.store.ObjectStore;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What the tiering of one owned partition works with.
 *
 * @param topicName written into each object
 * @param epoch of this ownership; carried by every key
 * @param live whether a disk is there now; any thread
 * @param loop the partition's event loop, on which all decisions are made
 * @param random for the jitter of waits
 * @param unique gives letters and digits that no other upload or commit ever had
 */
record TierContext(
        PartitionId partition,
        PartitionKeys keys,
        String topicName,
        int epoch,
        Replicas replicas,
        Predicate<DiskId> live,
        Timers timers,
        Executor loop,
        ObjectStore store,
        TieringWorkers workers,
        Commit commit,
        SegmentDrops drops,
        OpenTransactions transactions,
        TieringSettings settings,
        TieringMetrics metrics,
        Random random,
        Supplier<String> unique) {}
