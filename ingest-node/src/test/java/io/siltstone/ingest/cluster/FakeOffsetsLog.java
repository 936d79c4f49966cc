package io.siltstone.ingest.cluster;

import io.siltstone.ingest.group.OffsetsLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongConsumer;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.storage.internals.log.LogConfig;

/** A tenure over bytes in memory, which the next tenure takes over; durable at once, or when the test says so. */
public final class FakeOffsetsLog implements OffsetsLog {

    private record Batch(long endOffset, ByteBuffer bytes) {}

    private final int partition;
    private final int epoch;
    private final List<Batch> batches = new ArrayList<>();
    private final List<LongConsumer> listeners = new CopyOnWriteArrayList<>();
    private long end;
    private long highWatermark;
    private boolean durableAtOnce = true;
    private boolean resigned;
    private boolean fenced;

    public FakeOffsetsLog(int partition, int epoch) {
        this.partition = partition;
        this.epoch = epoch;
    }

    /** The next tenure, which recovered what was durable. */
    public synchronized FakeOffsetsLog successor() {
        FakeOffsetsLog next = new FakeOffsetsLog(partition, epoch + 1);
        batches.stream().filter(batch -> batch.endOffset() <= highWatermark).forEach(next.batches::add);
        next.end = highWatermark;
        next.highWatermark = highWatermark;
        return next;
    }

    public synchronized void holdBack() {
        durableAtOnce = false;
    }

    public void makeDurable() {
        long offset;
        synchronized (this) {
            highWatermark = end;
            offset = end;
        }
        listeners.forEach(listener -> listener.accept(offset));
    }

    /** Another owner took over, and this node has not heard of it. */
    public synchronized void fence() {
        fenced = true;
        durableAtOnce = false;
    }

    public synchronized void resign() {
        resigned = true;
    }

    @Override
    public int partition() {
        return partition;
    }

    @Override
    public int epoch() {
        return epoch;
    }

    @Override
    public long startOffset() {
        return 0;
    }

    @Override
    public synchronized long endOffset() {
        return end;
    }

    @Override
    public synchronized long highWatermark() {
        return highWatermark;
    }

    @Override
    public LogConfig config() {
        return new LogConfig(Map.of());
    }

    @Override
    public long append(MemoryRecords records) {
        boolean durable;
        long appended;
        synchronized (this) {
            if (resigned) {
                throw new NotLeaderOrFollowerException("resigned");
            }
            byte[] bytes = new byte[records.sizeInBytes()];
            records.buffer().duplicate().get(bytes);
            MutableRecordBatch batch = MemoryRecords.readableRecords(ByteBuffer.wrap(bytes))
                    .batches()
                    .iterator()
                    .next();
            long base = end;
            batch.setLastOffset(base + batch.lastOffset());
            batch.setPartitionLeaderEpoch(epoch);
            end = batch.nextOffset();
            batches.add(new Batch(end, ByteBuffer.wrap(bytes)));
            durable = durableAtOnce;
            appended = end;
        }
        if (durable) {
            makeDurable();
        }
        return appended;
    }

    @Override
    public synchronized CompletionStage<MemoryRecords> read(long offset, int maxBytes) {
        if (resigned) {
            return CompletableFuture.failedFuture(new NotLeaderOrFollowerException("resigned"));
        }
        ByteBuffer bytes = batches.stream()
                .filter(batch -> batch.endOffset() > offset && batch.endOffset() <= highWatermark)
                .findFirst()
                .map(batch -> batch.bytes().duplicate())
                .orElseGet(() -> ByteBuffer.allocate(0));
        return CompletableFuture.completedFuture(MemoryRecords.readableRecords(bytes));
    }

    @Override
    public synchronized CompletionStage<Boolean> confirmOwnership() {
        return CompletableFuture.completedFuture(!fenced && !resigned);
    }

    @Override
    public void addHighWatermarkListener(LongConsumer listener) {
        listeners.add(listener);
        listener.accept(highWatermark());
    }

    @Override
    public void removeHighWatermarkListener(LongConsumer listener) {
        listeners.remove(listener);
    }
}
