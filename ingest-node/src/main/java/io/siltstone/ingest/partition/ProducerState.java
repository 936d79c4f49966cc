package io.siltstone.ingest.partition;

import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.record.internal.RecordBatch;

/**
 * What a partition remembers of one idempotent producer. Immutable, so that the appended and the confirmed state share
 * it.
 *
 * @param epoch of the producer; a lower one is fenced
 * @param batches its last ones of this epoch, oldest first, at most {@link #REMEMBERED}
 * @param lastAppendMs wall clock of its last append, by which it expires
 */
record ProducerState(short epoch, List<ProducedBatch> batches, long lastAppendMs) {

    /** As many requests as a client may have in flight. */
    static final int REMEMBERED = 5;

    ProducerState {
        batches = List.copyOf(batches);
        if (batches.size() > REMEMBERED) {
            throw new IllegalArgumentException(batches.size() + " batches of a producer are more than are remembered");
        }
    }

    int lastSequence() {
        return batches.isEmpty()
                ? RecordBatch.NO_SEQUENCE
                : batches.get(batches.size() - 1).lastSequence();
    }

    /** The state after one more batch, whose epoch is this one's or a later one. */
    ProducerState with(short batchEpoch, ProducedBatch batch, long appendMs) {
        List<ProducedBatch> next = new ArrayList<>(REMEMBERED);
        if (batchEpoch == epoch) {
            next.addAll(batches.subList(Math.max(0, batches.size() + 1 - REMEMBERED), batches.size()));
        }
        next.add(batch);
        return new ProducerState(batchEpoch, next, appendMs);
    }
}
