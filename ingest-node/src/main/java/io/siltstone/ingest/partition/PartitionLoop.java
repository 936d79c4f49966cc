package io.siltstone.ingest.partition;

import io.netty.channel.EventLoop;
import io.siltstone.ingest.archive.Archive;
import io.siltstone.ingest.connection.RequestBudget;
import io.siltstone.ingest.kafka.RecordValidation;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.writer.Placement;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Timers;
import io.siltstone.tiering.upload.SegmentDrops;
import org.jspecify.annotations.Nullable;

/**
 * What the partitions of one event loop share: the loop itself, its connections to storage disks, its tail cache.
 *
 * @param reads of hot segments
 * @param tiered reads of the bucket; null where the node has none
 * @param archive takes closed segments to the bucket; null where the node has none
 * @param drops tells disks what they need not keep
 * @param disks how many there are now
 * @param budget the node's, for entries that outlive their requests
 */
public record PartitionLoop(
        EventLoop eventLoop,
        ChainStore chains,
        Replicas replicas,
        SegmentReads reads,
        @Nullable TieredReads tiered,
        @Nullable Archive archive,
        SegmentDrops drops,
        Timers timers,
        Placement placement,
        StorageDisks disks,
        TailCache tailCache,
        RecordValidation validation,
        RequestBudget budget,
        PartitionMetrics metrics) {}
