package io.siltstone.client;

import io.siltstone.client.source.HistoryException;
import io.siltstone.client.source.HistorySource;
import io.siltstone.client.source.LiveTail;
import io.siltstone.client.stream.PartitionStream;
import io.siltstone.client.stream.PrefetchBudget;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.BufferSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A replay under way: gives out the records of topics from their history on, each once and each partition in offset
 * order.
 *
 * <p>Reads ahead within one limit for all partitions. What is in the bucket comes from there, checked; the rest comes
 * from the live log. Confined to one thread: that of its caller, which does all decoding.
 */
public final class Replay implements AutoCloseable {

    private static final long LIVE_POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONGEST_WAIT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long PROGRESS_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final int RANGES_AT_ONCE = 100;
    private static final int RANGES_OF_ALL = 2_000;

    private final Pace pace;
    private final PaceClock clock;
    private final Consumer<ReplayProgress> progress;
    private final boolean thenFollow;
    private final Map<String, UUID> topics;
    private final Map<TopicPartition, PartitionCursor> cursors = new LinkedHashMap<>();
    private final Semaphore woken = new Semaphore(0);
    private final BufferSupplier buffers = BufferSupplier.create();
    private final @Nullable LiveTail live;
    private final CompletableFuture<@Nullable Void> complete;
    private RecordOrder order;
    private boolean following;
    private boolean closed;
    private @Nullable ConsumerRecord<byte[], byte[]> pending;
    private long records;
    private long bytes;
    private long firstTimestamp;
    private long startedNanos;
    private long progressNanos;

    Replay(ReplayBuilder builder, ReplayScope scope) {
        this.pace = builder.pace;
        this.clock = builder.clock;
        this.progress = builder.progress;
        this.thenFollow = builder.thenFollow;
        this.topics = scope.topics();
        this.live = builder.source.live().orElse(null);
        if (thenFollow && live == null) {
            throw new IllegalArgumentException("a bucket alone has no live records to follow");
        }
        int partitions = scope.spans().size();
        this.complete = CompletenessCheck.checkAll(builder.source, scope.toTheEnd());
        PrefetchBudget budget = new PrefetchBudget(builder.prefetchBytes, partitions);
        int pageRanges = Math.max(2, Math.min(RANGES_AT_ONCE, RANGES_OF_ALL / Math.max(1, partitions)));
        scope.spans().forEach((partition, span) -> {
            PartitionStream stream = new PartitionStream(
                    partition, span.next(), span.end(), builder.source, budget, buffers, pageRanges, woken::release);
            cursors.put(partition, new PartitionCursor(partition, span, stream, live, thenFollow));
        });
        this.order = builder.orderedByTime ? new TimeOrder(cursors.values()) : new ArrivalOrder(cursors.values());
        this.progressNanos = clock.nanoTime();
    }

    /** What to replay is told to the builder. The source stays the caller's and outlives the replay. */
    public static ReplayBuilder from(HistorySource source) {
        return new ReplayBuilder(source);
    }

    /**
     * The next record.
     *
     * @return null where none came within the timeout, or the replay is over ({@link #isOver})
     * @throws io.siltstone.format.CorruptObjectException where the bucket's bytes are not what was written: the message
     *     names object, block and offset; behind the last record also where an object of the bucket tells that more may
     *     have been there
     * @throws io.siltstone.client.source.HistoryException where the source cannot be read
     */
    public @Nullable ConsumerRecord<byte[], byte[]> poll(Duration timeout) {
        long deadline = clock.nanoTime() + timeout.toNanos();
        try {
            while (!closed) {
                ConsumerRecord<byte[], byte[]> next = pending == null ? order.next() : pending;
                if (next != null) {
                    pending = next;
                    return waitUntilDue(next, deadline) ? given(next) : null;
                }
                long left = deadline - clock.nanoTime();
                if (order.isDone() && !startToFollow()) {
                    if (isProvenComplete(left)) {
                        report();
                    }
                    return null;
                }
                if (left <= 0) {
                    return null;
                }
                waitForMore(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    /** Gives every record to the consumer until the replay is over or closed, or the thread is interrupted. */
    public void forEach(Consumer<ConsumerRecord<byte[], byte[]>> consumer) {
        while (!isOver() && !Thread.currentThread().isInterrupted()) {
            ConsumerRecord<byte[], byte[]> record = poll(Duration.ofSeconds(1));
            if (record != null) {
                consumer.accept(record);
            }
        }
    }

    /** Nothing will come any more; never so for a replay that follows, until it is closed. */
    public boolean isOver() {
        boolean known = complete.isDone() && !complete.isCompletedExceptionally();
        return closed || (pending == null && order.isDone() && !thenFollow && known);
    }

    /** What to hand to {@link ReplayBuilder#resume}, to go on behind the last record that was given out. */
    public String resumeToken() {
        Map<TopicPartition, Span> spans = new LinkedHashMap<>();
        cursors.forEach((partition, cursor) -> spans.put(partition, cursor.left()));
        if (pending != null) {
            TopicPartition partition = new TopicPartition(pending.topic(), pending.partition());
            long end = Math.max(
                    pending.offset(),
                    spans.getOrDefault(partition, new Span(0, 0)).end());
            spans.put(partition, new Span(pending.offset(), end));
        }
        return new ResumeToken(topics, spans).encode();
    }

    public ReplayProgress progress() {
        return new ReplayProgress(
                records,
                bytes,
                cursors.values().stream()
                        .mapToLong(PartitionCursor::fetchedBytes)
                        .sum(),
                cursors.values().stream()
                        .mapToLong(PartitionCursor::doneOffsets)
                        .sum(),
                cursors.values().stream()
                        .mapToLong(PartitionCursor::totalOffsets)
                        .sum());
    }

    @Override
    public void close() {
        closed = true;
        cursors.values().forEach(PartitionCursor::close);
        buffers.close();
        if (live != null) {
            live.close();
        }
    }

    /** False where that is not known within the time. */
    private boolean isProvenComplete(long nanos) throws InterruptedException {
        try {
            complete.get(nanos, TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw HistoryException.asRuntime(e.getCause() == null ? e : e.getCause());
        }
    }

    private boolean startToFollow() {
        if (following || !thenFollow || live == null) {
            return following;
        }
        following = true;
        for (PartitionCursor cursor : cursors.values()) {
            cursor.follow(live);
        }
        order = new ArrivalOrder(cursors.values());
        return true;
    }

    private void waitForMore(long nanos) throws InterruptedException {
        boolean someLive = false;
        boolean someStored = false;
        for (PartitionCursor cursor : cursors.values()) {
            someLive |= cursor.isLive();
            someStored |= !cursor.isLive() && !cursor.isDone();
        }
        long wait = Math.min(nanos, LONGEST_WAIT_NANOS);
        if (someLive && live != null) {
            boolean ready = someStored && woken.tryAcquire();
            long timeout = ready ? 0 : someStored ? Math.min(wait, LIVE_POLL_NANOS) : wait;
            for (ConsumerRecord<byte[], byte[]> record : live.poll(Duration.ofNanos(timeout))) {
                PartitionCursor cursor = cursors.get(new TopicPartition(record.topic(), record.partition()));
                if (cursor != null) {
                    cursor.arrived(record);
                }
            }
        } else if (woken.tryAcquire(wait, TimeUnit.NANOSECONDS)) {
            woken.drainPermits();
        }
        reportNowAndThen();
    }

    private boolean waitUntilDue(ConsumerRecord<byte[], byte[]> next, long deadline) throws InterruptedException {
        if (records == 0) {
            firstTimestamp = next.timestamp();
            startedNanos = clock.nanoTime();
        }
        long due = startedNanos + pace.dueNanos(records, firstTimestamp, next);
        long now = pace instanceof Pace.AsFast ? due : clock.nanoTime();
        while (now < due) {
            if (now >= deadline) {
                return false;
            }
            clock.sleep(Math.min(due, deadline) - now);
            now = clock.nanoTime();
        }
        return true;
    }

    private ConsumerRecord<byte[], byte[]> given(ConsumerRecord<byte[], byte[]> record) {
        pending = null;
        records++;
        bytes += Math.max(0, record.serializedKeySize()) + Math.max(0, record.serializedValueSize());
        if ((records & 0xff) == 0) {
            reportNowAndThen();
        }
        return record;
    }

    private void reportNowAndThen() {
        if (clock.nanoTime() - progressNanos >= PROGRESS_NANOS) {
            report();
        }
    }

    private void report() {
        progressNanos = clock.nanoTime();
        progress.accept(progress());
    }
}
