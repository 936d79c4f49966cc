package io.siltstone.ingest.group;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.siltstone.ingest.partition.AppendCallback;
import io.siltstone.ingest.partition.Partition;
import io.siltstone.ingest.partition.ReadCallback;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.jspecify.annotations.Nullable;

/**
 * A tenure over an offsets partition that this node serves. Made on the partition's event loop when it opened; its methods
 * are called by the coordinator's threads, hand their work to the event loop, and wait for it where they must answer at
 * once. The event loop never waits for a coordinator's thread, so that this ends.
 */
final class PartitionOffsetsLog implements OffsetsLog {

    private final Partition partition;
    private final int epoch;
    private volatile long endOffset;
    private volatile long highWatermark;

    PartitionOffsetsLog(Partition partition) {
        this.partition = partition;
        this.epoch = partition.epoch();
        this.endOffset = partition.endOffset();
        partition.addHighWatermarkListener(offset -> highWatermark = offset);
    }

    @Override
    public int partition() {
        return partition.id().partition();
    }

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public long startOffset() {
        return onLoop(partition::logStartOffset);
    }

    @Override
    public long endOffset() {
        return endOffset;
    }

    @Override
    public long highWatermark() {
        return highWatermark;
    }

    @Override
    public LogConfig config() {
        return partition.settings().log();
    }

    @Override
    public long append(MemoryRecords batch) {
        int size = batch.sizeInBytes();
        ByteBuf copy = PooledByteBufAllocator.DEFAULT
                .directBuffer(size)
                .writeBytes(batch.buffer().duplicate());
        return onLoop(() -> appendNow(copy, size));
    }

    /** Takes over the bytes. */
    private long appendNow(ByteBuf bytes, int size) {
        Outcome outcome = new Outcome(bytes);
        MemoryRecords records = MemoryRecords.readableRecords(bytes.nioBuffer());
        partition.append(records, bytes, size, AppendOrigin.COORDINATOR, Long.MAX_VALUE, outcome);
        if (outcome.refused != null) {
            throw outcome.refused;
        }
        endOffset = partition.endOffset();
        return endOffset;
    }

    @Override
    public CompletionStage<MemoryRecords> read(long offset, int maxBytes) {
        CompletableFuture<MemoryRecords> records = new CompletableFuture<>();
        execute(() -> partition.reader().read(offset, maxBytes, new Copy(records)), records);
        return records;
    }

    @Override
    public CompletionStage<Boolean> confirmOwnership() {
        CompletableFuture<Boolean> owned = new CompletableFuture<>();
        execute(() -> partition.confirmOwnership(owned::complete), owned);
        return owned;
    }

    @Override
    public void addHighWatermarkListener(LongConsumer listener) {
        partition.loop().eventLoop().execute(() -> partition.addHighWatermarkListener(listener));
    }

    @Override
    public void removeHighWatermarkListener(LongConsumer listener) {
        partition.loop().eventLoop().execute(() -> partition.removeHighWatermarkListener(listener));
    }

    private <T> T onLoop(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        execute(() -> result.complete(work.get()), result);
        try {
            return result.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private void execute(Runnable work, CompletableFuture<?> result) {
        try {
            partition.loop().eventLoop().execute(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    result.completeExceptionally(e);
                }
            });
        } catch (RuntimeException stopping) {
            result.completeExceptionally(new NotLeaderOrFollowerException("this node is stopping"));
        }
    }

    /** What the partition says of one append at once: later failures are told by the end of the tenure. */
    private static final class Outcome implements AppendCallback {

        private final ByteBuf bytes;
        private @Nullable RuntimeException refused;

        Outcome(ByteBuf bytes) {
            this.bytes = bytes;
        }

        @Override
        public void appended(long baseOffset, long logAppendTimeMs, long logStartOffset) {
            bytes.release();
        }

        @Override
        public void failed(RuntimeException why) {
            refused = why;
            bytes.release();
        }
    }

    /** Copies what was read out of the event loop's buffers. */
    private record Copy(CompletableFuture<MemoryRecords> records) implements ReadCallback {

        @Override
        public void read(List<ByteBuf> batches) {
            int size = batches.stream().mapToInt(ByteBuf::readableBytes).sum();
            ByteBuffer copy = ByteBuffer.allocate(size);
            for (ByteBuf batch : batches) {
                copy.limit(copy.position() + batch.readableBytes());
                batch.readBytes(copy);
                batch.release();
            }
            records.complete(MemoryRecords.readableRecords(copy.flip()));
        }

        @Override
        public void failed(RuntimeException why) {
            records.completeExceptionally(why);
        }
    }
}
