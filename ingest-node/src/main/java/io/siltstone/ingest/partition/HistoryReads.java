package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.PartitionId;
import io.siltstone.log.chain.ManifestPointer;
import io.siltstone.tiering.history.HistoryReader;
import io.siltstone.tiering.history.HistorySlice;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/** The bucket as the node's history reader reads it. Thread-safe. */
public final class HistoryReads implements TieredReads {

    private final HistoryReader history;

    public HistoryReads(HistoryReader history) {
        this.history = history;
    }

    @Override
    public CompletionStage<List<ByteBuf>> read(
            PartitionId partition, ManifestPointer manifest, long offset, int maxBytes) {
        return history.read(partition, manifest, offset, maxBytes)
                .thenApply(slice -> slice.map(found -> List.of(found.batches()))
                        .orElseThrow(() -> new IllegalStateException("the bucket holds nothing at offset " + offset
                                + " of " + partition + ", its manifest ends at " + manifest.endOffset())));
    }

    @Override
    public CompletionStage<@Nullable OffsetAndTime> findTime(
            PartitionId partition, ManifestPointer manifest, long timestampMs, long fromOffset) {
        return search(partition, manifest, timestampMs, fromOffset);
    }

    private CompletableFuture<@Nullable OffsetAndTime> search(
            PartitionId partition, ManifestPointer manifest, long timestampMs, long fromOffset) {
        return history.firstBatchByTime(partition, manifest, fromOffset, timestampMs)
                .thenCompose(slice -> {
                    if (slice.isEmpty()) {
                        return CompletableFuture.completedFuture(null);
                    }
                    HistorySlice batch = slice.get();
                    Optional<OffsetAndTime> found;
                    try {
                        found = firstRecord(batch.batches(), timestampMs, fromOffset);
                    } finally {
                        batch.release();
                    }
                    // The batch's late records may all lie below the log start.
                    return found.isPresent()
                            ? CompletableFuture.completedFuture(found.get())
                            : search(partition, manifest, timestampMs, batch.endOffset());
                });
    }

    private static Optional<OffsetAndTime> firstRecord(ByteBuf batches, long timestampMs, long fromOffset) {
        for (RecordBatch batch :
                MemoryRecords.readableRecords(batches.nioBuffer()).batches()) {
            for (Record record : batch) {
                if (record.timestamp() >= timestampMs && record.offset() >= fromOffset) {
                    return Optional.of(new OffsetAndTime(record.offset(), record.timestamp()));
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public CompletionStage<@Nullable OffsetAndTime> greatestTime(PartitionId partition, ManifestPointer manifest) {
        return history.greatestTimestamp(partition, manifest)
                .thenCompose(range -> range.isEmpty()
                        ? CompletableFuture.completedFuture(null)
                        : search(
                                partition,
                                manifest,
                                range.get().greatestTimestamp(),
                                range.get().baseOffset()));
    }

    @Override
    public CompletionStage<@Nullable EpochEnd> endOfEpoch(PartitionId partition, ManifestPointer manifest, int epoch) {
        return history.endOfEpoch(partition, manifest, epoch)
                .thenApply(end -> end.map(found -> new EpochEnd(found.epoch(), found.endOffset()))
                        .orElse(null));
    }
}
