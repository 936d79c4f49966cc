package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import io.siltstone.ingest.partition.TieredReads.EpochEnd;
import io.siltstone.ingest.partition.TieredReads.OffsetAndTime;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.log.chain.PartitionState;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * Finds offsets of a partition by time and by epoch, over bucket and disks. Confined to the partition's event loop;
 * futures complete on it, and fail with Kafka's exceptions.
 */
public final class OffsetLookup {

    private static final int SCAN_BYTES = 1 << 20;

    private final Partition partition;

    public OffsetLookup(Partition partition) {
        this.partition = partition;
    }

    /** The high watermark, once an ack quorum has confirmed that this node knows it (rule 5). */
    public CompletableFuture<Long> latest() {
        CompletableFuture<Long> found = new CompletableFuture<>();
        partition.confirmOwnership(owner -> {
            if (owner && partition.isOpen()) {
                found.complete(partition.highWatermark());
            } else {
                found.completeExceptionally(notServed());
            }
        });
        return found;
    }

    /** The first offset that is not in the bucket alone. */
    public long earliestLocal() {
        PartitionState state = partition.state();
        long firstListed = state.segments().stream()
                .findFirst()
                .map(ChainSegment::baseOffset)
                .orElseGet(partition::highWatermark);
        return Math.max(partition.logStartOffset(), firstListed);
    }

    /** The last offset in the bucket; -1 where it has none. */
    public long latestTiered() {
        ManifestPointer manifest = partition.state().manifest();
        return manifest == null ? -1 : manifest.endOffset() - 1;
    }

    /** The first record whose timestamp is at or after the given one; null where there is none. */
    public CompletableFuture<@Nullable OffsetAndTime> firstAtOrAfter(long timestampMs) {
        ManifestPointer manifest = partition.state().manifest();
        TieredReads tiered = partition.loop().tiered();
        long logStart = partition.logStartOffset();
        if (manifest == null || tiered == null || manifest.endOffset() <= logStart) {
            return firstOnDisks(timestampMs, logStart);
        }
        return onLoop(tiered.findTime(partition.id(), manifest, timestampMs, logStart))
                .thenCompose(found -> found != null
                        ? CompletableFuture.completedFuture(found)
                        : firstOnDisks(timestampMs, manifest.endOffset()));
    }

    private CompletableFuture<@Nullable OffsetAndTime> firstOnDisks(long timestampMs, long from) {
        if (!partition.isOpen()) {
            return CompletableFuture.failedFuture(notServed());
        }
        for (ChainSegment segment : partition.state().segments()) {
            boolean closed = segment instanceof ChainSegment.Closed;
            long end =
                    segment instanceof ChainSegment.Closed known ? known.end().endOffset() : partition.highWatermark();
            boolean tooEarly =
                    segment instanceof ChainSegment.Closed known && known.end().maxTimestamp() < timestampMs;
            if (end <= from || tooEarly) {
                continue;
            }
            long start = partition.times().startFor(timestampMs, Math.max(from, segment.baseOffset()));
            if (closed && start >= end) {
                continue;
            }
            CompletableFuture<@Nullable OffsetAndTime> inSegment = scan(timestampMs, start, end);
            return inSegment.thenCompose(found -> found != null || !closed
                    ? CompletableFuture.completedFuture(found)
                    : firstOnDisks(timestampMs, end));
        }
        return CompletableFuture.completedFuture(null);
    }

    /** Reads on from the offset until a record is late enough. */
    private CompletableFuture<@Nullable OffsetAndTime> scan(long timestampMs, long from, long end) {
        if (from >= end) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<List<ByteBuf>> reading = new CompletableFuture<>();
        partition.reader().read(from, SCAN_BYTES, new ReadCallback() {
            @Override
            public void read(List<ByteBuf> batches) {
                reading.complete(batches);
            }

            @Override
            public void failed(RuntimeException why) {
                reading.completeExceptionally(why);
            }
        });
        return reading.thenCompose(batches -> {
            long next = from;
            try {
                for (ByteBuf buffer : batches) {
                    for (RecordBatch batch :
                            MemoryRecords.readableRecords(buffer.nioBuffer()).batches()) {
                        Optional<OffsetAndTime> found = firstInBatch(batch, timestampMs, from, end);
                        if (found.isPresent()) {
                            return CompletableFuture.completedFuture(found.get());
                        }
                        next = batch.nextOffset();
                    }
                }
            } finally {
                batches.forEach(ByteBuf::release);
            }
            return next == from ? CompletableFuture.completedFuture(null) : scan(timestampMs, next, end);
        });
    }

    private static Optional<OffsetAndTime> firstInBatch(RecordBatch batch, long timestampMs, long from, long end) {
        if (batch.maxTimestamp() < timestampMs) {
            return Optional.empty();
        }
        for (Record record : batch) {
            if (record.timestamp() >= timestampMs && record.offset() >= from && record.offset() < end) {
                return Optional.of(new OffsetAndTime(record.offset(), record.timestamp()));
            }
        }
        return Optional.empty();
    }

    /** The first record that bears the greatest timestamp of all; null where there is no record. */
    public CompletableFuture<@Nullable OffsetAndTime> greatest() {
        ManifestPointer manifest = partition.state().manifest();
        TieredReads tiered = partition.loop().tiered();
        CompletionStage<@Nullable OffsetAndTime> inBucket =
                manifest == null || tiered == null || manifest.endOffset() <= partition.logStartOffset()
                        ? CompletableFuture.completedFuture(null)
                        : tiered.greatestTime(partition.id(), manifest);
        long tieredEnd = manifest == null ? 0 : manifest.endOffset();
        return onLoop(inBucket).thenCompose(bucket -> {
            long onDisks = greatestOnDisks(tieredEnd);
            if (bucket != null && bucket.timestampMs() >= onDisks) {
                return CompletableFuture.completedFuture(bucket);
            }
            return onDisks < 0
                    ? CompletableFuture.completedFuture(null)
                    : firstOnDisks(onDisks, Math.max(tieredEnd, partition.logStartOffset()));
        });
    }

    private long greatestOnDisks(long from) {
        long greatest = -1;
        for (ChainSegment segment : partition.state().segments()) {
            if (segment instanceof ChainSegment.Closed closed) {
                if (closed.end().endOffset() > from) {
                    greatest = Math.max(greatest, closed.end().maxTimestamp());
                }
            } else {
                greatest = Math.max(greatest, partition.greatestTimestamp(segment.number()));
            }
        }
        return greatest;
    }

    /**
     * The greatest epoch up to the given one that wrote, and the offset where the next one began.
     *
     * @return an epoch of -1 and offset of -1 where the epoch is of the future
     */
    public CompletableFuture<EpochEnd> endOfEpoch(int epoch) {
        if (epoch < 0 || epoch > partition.epoch()) {
            return CompletableFuture.completedFuture(new EpochEnd(-1, -1));
        }
        if (epoch == partition.epoch()) {
            return latest().thenApply(end -> new EpochEnd(epoch, end));
        }
        ManifestPointer manifest = partition.state().manifest();
        TieredReads tiered = partition.loop().tiered();
        CompletionStage<@Nullable EpochEnd> inBucket = manifest == null || tiered == null
                ? CompletableFuture.completedFuture(null)
                : tiered.endOfEpoch(partition.id(), manifest, epoch);
        return onLoop(inBucket).thenApply(bucket -> bucket != null ? bucket : endOnDisks(epoch));
    }

    private EpochEnd endOnDisks(int epoch) {
        int upTo = -1;
        for (ChainSegment segment : partition.state().segments()) {
            if (segment.epoch() > epoch) {
                return new EpochEnd(upTo < 0 ? epoch : upTo, segment.baseOffset());
            }
            upTo = segment.epoch();
        }
        return new EpochEnd(upTo < 0 ? epoch : upTo, partition.highWatermark());
    }

    private <T extends @Nullable Object> CompletableFuture<T> onLoop(CompletionStage<T> stage) {
        CompletableFuture<T> here = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> partition.loop().eventLoop().execute(() -> {
            if (failure == null) {
                here.complete(value);
            } else {
                here.completeExceptionally(failure);
            }
        }));
        return here;
    }

    private RuntimeException notServed() {
        return partition.isOver()
                ? partition.overBecause()
                : new NotLeaderOrFollowerException(partition.name() + " cannot be answered for by this node now");
    }
}
