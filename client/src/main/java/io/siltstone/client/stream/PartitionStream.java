package io.siltstone.client.stream;

import io.siltstone.client.record.BatchDecoder;
import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistoryException.Kind;
import io.siltstone.client.source.HistoryPage;
import io.siltstone.client.source.HistoryRange;
import io.siltstone.client.source.HistorySource;
import io.siltstone.format.CorruptObjectException;
import io.siltstone.format.manifest.ManifestRange;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.BufferSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition that the bucket holds, in offset order: asks for ranges, opens objects, reads pieces
 * ahead as the budget allows, checks and decodes.
 *
 * <p>Invariants: ranges are taken without a gap; a record is given out at most once and offsets ascend.
 *
 * <p>Confined to the replay's thread; completions of the source only call {@code wake}.
 */
public final class PartitionStream implements AutoCloseable {

    private static final int MAX_PIECES = 8;

    private final TopicPartition partition;
    private final HistorySource source;
    private final PrefetchBudget budget;
    private final BufferSupplier buffers;
    private final int pageRanges;
    private final Runnable wake;
    private final long to;

    private final Deque<HistoryRange> ranges = new ArrayDeque<>();
    private final Deque<ReadPlan> plans = new ArrayDeque<>();
    private final Deque<Piece> pieces = new ArrayDeque<>();
    private @Nullable CompletableFuture<HistoryPage> asked;
    private long plannedTo;
    private boolean allPlanned;
    private int heldBytes;
    private @Nullable BlockDecoder block;
    private @Nullable BatchDecoder batch;
    private @Nullable ConsumerRecord<byte[], byte[]> head;
    private long wanted;
    private long nextOffset;
    private long fetchedBytes;

    /**
     * Reads from an offset up to another, or to where the bucket ends.
     *
     * @param pageRanges how many ranges to ask for at once
     * @param wake called on any thread when something that this waits for has come
     */
    public PartitionStream(
            TopicPartition partition,
            long from,
            long to,
            HistorySource source,
            PrefetchBudget budget,
            BufferSupplier buffers,
            int pageRanges,
            Runnable wake) {
        this.partition = partition;
        this.source = source;
        this.budget = budget;
        this.buffers = buffers;
        this.pageRanges = pageRanges;
        this.wake = wake;
        this.to = to;
        this.nextOffset = from;
        this.wanted = from;
        this.plannedTo = from;
    }

    /** The next record; null where it has not come yet or there is none in the bucket any more. */
    public @Nullable ConsumerRecord<byte[], byte[]> peek() {
        try {
            if (head == null) {
                fill();
            }
            plan();
            passEmptyOffsets();
        } catch (RangeReader.ReplacedException e) {
            restart();
        }
        return head;
    }

    /** The record that {@link #peek} told. */
    public ConsumerRecord<byte[], byte[]> take() {
        ConsumerRecord<byte[], byte[]> taken = head;
        if (taken == null) {
            throw new IllegalStateException("no record of " + partition + " is there");
        }
        head = null;
        nextOffset = taken.offset() + 1;
        return taken;
    }

    /** Everything that the bucket held of it was taken. */
    public boolean isOver() {
        return head == null && batch == null && block == null && allPlanned && plans.isEmpty() && pieces.isEmpty();
    }

    /** Where to go on behind what was taken. */
    public long nextOffset() {
        return nextOffset;
    }

    /** Bytes of objects that came. */
    public long fetchedBytes() {
        return fetchedBytes;
    }

    @Override
    public void close() {
        drop();
        head = null;
    }

    private void fill() {
        boolean more = true;
        while (head == null && more) {
            if (batch != null) {
                takeFromBatch(batch);
            } else {
                more = (block != null && openBatch(block)) || addPiece();
            }
        }
    }

    private void takeFromBatch(BatchDecoder open) {
        while (open.hasNext()) {
            ConsumerRecord<byte[], byte[]> record = open.next();
            if (record.offset() >= wanted && record.offset() < to) {
                head = record;
                wanted = record.offset() + 1;
                return;
            }
        }
        open.close();
        batch = null;
    }

    /** False where the block is over or needs another piece. */
    private boolean openBatch(BlockDecoder from) {
        ByteBuffer bytes = from.nextBatch();
        if (bytes != null) {
            batch = BatchDecoder.of(partition, bytes, buffers);
            return true;
        }
        if (from.isOver()) {
            block = null;
            releaseHeld();
        }
        return false;
    }

    private boolean addPiece() {
        Piece piece = pieces.peek();
        if (piece == null || !piece.bytes().isDone()) {
            return false;
        }
        ByteBuffer arrived;
        try {
            arrived = piece.bytes().join();
        } catch (RuntimeException e) {
            throw HistoryException.asRuntime(e);
        }
        pieces.remove();
        releaseHeld();
        heldBytes = piece.length();
        fetchedBytes += arrived.remaining();
        BlockDecoder into = piece.first() ? new BlockDecoder(piece.key(), piece.block()) : block;
        if (into == null) {
            throw new IllegalStateException("block " + piece.block() + " of " + piece.key() + " has no beginning");
        }
        into.add(piece, arrived);
        block = into;
        plan();
        return true;
    }

    private void releaseHeld() {
        budget.release(heldBytes);
        heldBytes = 0;
    }

    /** Once nothing is left of what was planned, the position passes offsets that hold no record. */
    private void passEmptyOffsets() {
        if (head == null && pieces.isEmpty() && plans.isEmpty() && block == null && batch == null) {
            nextOffset = Math.max(nextOffset, Math.min(plannedTo, to));
            wanted = nextOffset;
        }
    }

    private void plan() {
        while (pieces.size() < MAX_PIECES && !allPlanned) {
            ReadPlan current = plans.peek();
            if (current == null) {
                if (!openNext()) {
                    return;
                }
                continue;
            }
            if (plans.size() == 1) {
                openNext();
            }
            if (!current.opening().isDone()) {
                return;
            }
            opened(current);
            int length = current.nextLength(budget.pieceBytes());
            if (length == 0) {
                plans.remove();
                plannedTo = current.object().endOffset();
                continue;
            }
            if (!mayRead(length)) {
                return;
            }
            Piece piece = current.read(length);
            pieces.add(piece);
            wakeAfter(piece.bytes());
        }
    }

    private boolean mayRead(int length) {
        if (budget.tryAcquire(length)) {
            return true;
        }
        boolean starving = pieces.isEmpty() && head == null && batch == null;
        if (starving) {
            budget.acquire(length);
        }
        return starving;
    }

    private static void opened(ReadPlan plan) {
        try {
            plan.opening().join();
        } catch (RuntimeException e) {
            throw HistoryException.asRuntime(e);
        }
    }

    /** Starts to open the next range; false where none is known yet or none is left. */
    private boolean openNext() {
        HistoryRange range = ranges.poll();
        if (range == null) {
            return askForRanges();
        }
        long end = plans.isEmpty() ? plannedTo : plans.getLast().object().endOffset();
        checkFollows(range.object(), end);
        if (range.object().baseOffset() >= to) {
            ranges.clear();
            allPlanned = plans.isEmpty();
            return false;
        }
        ReadPlan plan = new ReadPlan(new RangeReader(source, partition, range), end, to);
        plans.add(plan);
        wakeAfter(plan.opening());
        return true;
    }

    /** An overlap is none to speak of: a merged object may begin before what was read already. */
    private static void checkFollows(ManifestRange object, long end) {
        if (object.baseOffset() > end) {
            throw new CorruptObjectException(
                    object.key(),
                    CorruptObjectException.NO_BLOCK,
                    end,
                    "the manifest has a gap before it: it starts at " + object.baseOffset());
        }
    }

    private boolean askForRanges() {
        long end = plans.isEmpty() ? plannedTo : plans.getLast().object().endOffset();
        if (end >= to) {
            allPlanned = plans.isEmpty();
            return false;
        }
        if (asked == null) {
            asked = source.ranges(partition, end, pageRanges);
            wakeAfter(asked);
        }
        if (!asked.isDone()) {
            return false;
        }
        HistoryPage page;
        try {
            page = asked.join();
        } catch (RuntimeException e) {
            throw HistoryException.asRuntime(e);
        } finally {
            asked = null;
        }
        if (end < page.logStart()) {
            throw new HistoryException(
                    Kind.GONE,
                    "offset " + end + " of " + partition + " is deleted: the log starts at " + page.logStart(),
                    null);
        }
        ranges.addAll(page.ranges());
        if (page.ranges().isEmpty()) {
            allPlanned = plans.isEmpty();
            return false;
        }
        return true;
    }

    /** Begins again behind the last record decoded: another object holds what follows now. */
    private void restart() {
        drop();
        plannedTo = wanted;
        allPlanned = false;
        plan();
    }

    private void drop() {
        pieces.forEach(piece -> budget.release(piece.length()));
        pieces.clear();
        plans.clear();
        ranges.clear();
        asked = null;
        releaseHeld();
        block = null;
        if (batch != null) {
            batch.close();
            batch = null;
        }
    }

    private void wakeAfter(CompletableFuture<?> future) {
        var unused = future.whenComplete((done, failure) -> wake.run());
    }
}
