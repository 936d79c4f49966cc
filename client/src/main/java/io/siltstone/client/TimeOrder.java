package io.siltstone.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Merges partitions by the timestamps of their next records; within a partition offset order wins. Equal timestamps go
 * by topic, then partition, so that the order is the same each time.
 */
final class TimeOrder implements RecordOrder {

    /** A partition whose next record is known. */
    private record Head(PartitionCursor cursor, long timestamp) {}

    private final PriorityQueue<Head> heads = new PriorityQueue<>(Comparator.comparingLong(Head::timestamp)
            .thenComparing(head -> head.cursor().partition().topic())
            .thenComparingInt(head -> head.cursor().partition().partition()));
    private final List<PartitionCursor> headless;

    TimeOrder(Collection<PartitionCursor> cursors) {
        this.headless = new ArrayList<>(cursors);
    }

    @Override
    public @Nullable ConsumerRecord<byte[], byte[]> next() {
        headless.removeIf(this::hasHeadOrIsDone);
        if (!headless.isEmpty() || heads.isEmpty()) {
            return null;
        }
        PartitionCursor least = heads.remove().cursor();
        Objects.requireNonNull(least.peek(), "a head was known");
        ConsumerRecord<byte[], byte[]> record = least.take();
        headless.add(least);
        return record;
    }

    @Override
    public boolean isDone() {
        return headless.isEmpty() && heads.isEmpty();
    }

    private boolean hasHeadOrIsDone(PartitionCursor cursor) {
        ConsumerRecord<byte[], byte[]> head = cursor.peek();
        if (head != null) {
            heads.add(new Head(cursor, head.timestamp()));
            return true;
        }
        if (cursor.isDone()) {
            cursor.finish();
            return true;
        }
        return false;
    }
}
