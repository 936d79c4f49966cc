package io.siltstone.client;

import io.siltstone.client.source.LiveTail;
import io.siltstone.client.stream.PartitionStream;
import java.util.ArrayDeque;
import java.util.Deque;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * One partition of a replay: first what the bucket holds, then, from the exact next offset, what comes live.
 *
 * <p>Invariant: each offset at most once, ascending (rule 15). Confined to the replay's thread.
 */
final class PartitionCursor implements AutoCloseable {

    private static final int MAX_WAITING_RECORDS = 1_000;

    private final TopicPartition partition;
    private final long start;
    private final long end;
    private final PartitionStream stream;
    private final @Nullable LiveTail live;
    private final boolean thenFollow;
    private final Deque<ConsumerRecord<byte[], byte[]>> waiting = new ArrayDeque<>();
    private boolean isLive;
    private boolean paused;
    private boolean following;
    private long nextOffset;

    /**
     * @param live null where all up to the end is in the bucket
     * @param thenFollow {@link #follow} will be called once all partitions are done
     */
    PartitionCursor(
            TopicPartition partition, Span span, PartitionStream stream, @Nullable LiveTail live, boolean thenFollow) {
        this.partition = partition;
        this.start = span.next();
        this.end = span.end();
        this.stream = stream;
        this.live = live;
        this.thenFollow = thenFollow;
        this.nextOffset = span.next();
    }

    TopicPartition partition() {
        return partition;
    }

    /** The next record below the end; null where it has not come or there is none. */
    @Nullable
    ConsumerRecord<byte[], byte[]> peek() {
        if (!isLive) {
            ConsumerRecord<byte[], byte[]> record = nextOffset < end ? stream.peek() : null;
            if (record != null) {
                return record;
            }
            nextOffset = Math.max(nextOffset, stream.nextOffset());
            if (nextOffset >= end || !stream.isOver() || live == null) {
                return null;
            }
            goLive(live);
        }
        ConsumerRecord<byte[], byte[]> record = waiting.peek();
        return record != null && (following || record.offset() < end) ? record : null;
    }

    ConsumerRecord<byte[], byte[]> take() {
        ConsumerRecord<byte[], byte[]> record = isLive ? waiting.remove() : stream.take();
        nextOffset = record.offset() + 1;
        if (paused && waiting.isEmpty() && live != null) {
            live.resume(partition);
            paused = false;
        }
        return record;
    }

    /** Whether all below the end was given out. */
    boolean isDone() {
        if (isLive && live != null && waiting.isEmpty()) {
            nextOffset = Math.max(nextOffset, live.position(partition));
        }
        boolean passed = !waiting.isEmpty() && waiting.element().offset() >= end;
        boolean bucketOnly = !isLive && live == null && stream.isOver();
        return !following && (nextOffset >= end || passed || bucketOnly);
    }

    /** From now on the end is none. */
    void follow(LiveTail tail) {
        following = true;
        if (!isLive) {
            goLive(tail);
        }
    }

    /** Nothing more below the end is wanted of it. */
    void finish() {
        stream.close();
        if (isLive && live != null && !thenFollow) {
            live.unfollow(partition);
            waiting.clear();
        }
    }

    boolean isLive() {
        return isLive;
    }

    /** Takes a record that came live. */
    void arrived(ConsumerRecord<byte[], byte[]> record) {
        if (record.offset() < nextOffset) {
            return;
        }
        waiting.add(record);
        if (!paused && waiting.size() >= MAX_WAITING_RECORDS && live != null) {
            live.pause(partition);
            paused = true;
        }
    }

    long nextOffset() {
        return nextOffset;
    }

    Span left() {
        return new Span(nextOffset, Math.max(nextOffset, end));
    }

    long doneOffsets() {
        return Math.min(nextOffset, end) - start;
    }

    long totalOffsets() {
        return end - start;
    }

    long fetchedBytes() {
        return stream.fetchedBytes();
    }

    @Override
    public void close() {
        stream.close();
        waiting.clear();
    }

    private void goLive(LiveTail tail) {
        stream.close();
        tail.follow(partition, nextOffset);
        isLive = true;
    }
}
