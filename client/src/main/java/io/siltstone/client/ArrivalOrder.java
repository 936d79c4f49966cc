package io.siltstone.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Gives out what is there, partition by partition; each partition in offset order. */
final class ArrivalOrder implements RecordOrder {

    /** Records of one partition in a row before the others are looked at. */
    private static final int TURN = 10_000;

    private final List<PartitionCursor> cursors;
    private int current;
    private int inTurn;

    ArrivalOrder(Collection<PartitionCursor> cursors) {
        this.cursors = new ArrayList<>(cursors);
    }

    @Override
    public @Nullable ConsumerRecord<byte[], byte[]> next() {
        for (int tried = 0; tried <= cursors.size() && !cursors.isEmpty(); tried++) {
            current %= cursors.size();
            PartitionCursor cursor = cursors.get(current);
            if (inTurn < TURN && cursor.peek() != null) {
                inTurn++;
                return cursor.take();
            }
            inTurn = 0;
            if (cursor.isDone()) {
                cursor.finish();
                cursors.remove(current);
            } else {
                current++;
            }
        }
        return null;
    }

    @Override
    public boolean isDone() {
        return cursors.isEmpty();
    }
}
