package io.siltstone.ingest.partition;

import com.google.protobuf.InvalidProtocolBufferException;
import io.siltstone.log.snapshot.proto.PartitionSnapshot;
import io.siltstone.log.snapshot.proto.Producer;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.jspecify.annotations.Nullable;

/**
 * The idempotent producers of one partition: recognises a repeated batch, refuses one out of sequence or of a fenced
 * epoch. Confined to the partition's event loop.
 *
 * <p>Holds the state twice: as appended, which judges the next batch, and as confirmed, which is all that a snapshot at
 * the high watermark may tell. Producers expire by the wall clock of their last append: the timestamps of their records
 * may be of any century. Past a number of them, those that appended least lately are forgotten early: they may go on
 * where they are, only a repetition is not recognised.
 *
 * <p>Invariant: a producer with a batch that is not confirmed is never forgotten, so both states know the same producers
 * but for those.
 */
final class ProducerStates {

    static final int FORMAT = 1;

    private final int mostProducers;
    private final Runnable forgottenEarly;

    /** Whose last append is longest ago comes first. */
    private final LinkedHashMap<Long, ProducerState> appended = new LinkedHashMap<>();

    private final LinkedHashMap<Long, ProducerState> confirmed = new LinkedHashMap<>();

    /**
     * Knows no producer.
     *
     * @param mostProducers how many are remembered, beside those with unconfirmed batches
     * @param forgottenEarly told of each that is forgotten because there are more
     */
    ProducerStates(int mostProducers, Runnable forgottenEarly) {
        this.mostProducers = mostProducers;
        this.forgottenEarly = forgottenEarly;
    }

    /**
     * Judges a batch that a client sent, before it is appended.
     *
     * @return the remembered batch that this one repeats; empty where it is the next one
     * @throws InvalidProducerEpochException where its epoch was fenced by a later one
     * @throws OutOfOrderSequenceException where batches before it are missing
     */
    Optional<ProducedBatch> judge(RecordBatch batch) {
        ProducerState state = appended.get(batch.producerId());
        if (state == null) {
            // Unknown: new, expired, or its records are deleted. Whatever its sequence, it starts here, as in Kafka.
            return Optional.empty();
        }
        if (batch.producerEpoch() < state.epoch()) {
            throw new InvalidProducerEpochException("producer " + batch.producerId() + " has epoch "
                    + batch.producerEpoch() + ", epoch " + state.epoch() + " has written since");
        }
        if (batch.producerEpoch() > state.epoch()) {
            if (batch.baseSequence() != 0) {
                throw outOfOrder(batch, 0);
            }
            return Optional.empty();
        }
        for (ProducedBatch remembered : state.batches()) {
            if (remembered.firstSequence() == batch.baseSequence()
                    && remembered.lastSequence() == batch.lastSequence()) {
                return Optional.of(remembered);
            }
        }
        int last = state.lastSequence();
        if (last != RecordBatch.NO_SEQUENCE) {
            int expected = DefaultRecordBatch.incrementSequence(last, 1);
            if (batch.baseSequence() != expected) {
                throw outOfOrder(batch, expected);
            }
        }
        return Optional.empty();
    }

    private static OutOfOrderSequenceException outOfOrder(RecordBatch batch, int expected) {
        return new OutOfOrderSequenceException("producer " + batch.producerId() + " of epoch " + batch.producerEpoch()
                + " sent sequence " + batch.baseSequence() + ", expected is " + expected);
    }

    /** Takes a batch into the appended state; what is returned goes to {@link #confirm} once it is confirmed. */
    @Nullable
    Update append(RecordBatch batch, long appendMs) {
        if (!batch.hasProducerId()) {
            return null;
        }
        ProducedBatch produced =
                new ProducedBatch(batch.baseSequence(), batch.lastSequence(), batch.baseOffset(), batch.maxTimestamp());
        ProducerState before = appended.get(batch.producerId());
        ProducerState after = before == null
                ? new ProducerState(batch.producerEpoch(), List.of(produced), appendMs)
                : before.with(batch.producerEpoch(), produced, appendMs);
        putLast(appended, batch.producerId(), after);
        return new Update(batch.producerId(), after);
    }

    private static void putLast(Map<Long, ProducerState> states, long producerId, ProducerState state) {
        states.remove(producerId);
        states.put(producerId, state);
    }

    void confirm(Update update) {
        putLast(confirmed, update.producerId, update.after);
        forgetTooMany();
    }

    /** Forgets who has not appended since. Costs what it forgets, so it may be called often. */
    void expire(long appendedBeforeMs) {
        forgetWhile(oldest -> oldest.lastAppendMs() < appendedBeforeMs);
    }

    private void forgetTooMany() {
        int before = appended.size();
        forgetWhile(oldest -> appended.size() > mostProducers);
        for (int left = appended.size(); left < before; left++) {
            forgottenEarly.run();
        }
    }

    /** Ends at the first with an unconfirmed batch: whoever comes behind it has appended since. */
    private void forgetWhile(Predicate<ProducerState> due) {
        Iterator<Map.Entry<Long, ProducerState>> oldestFirst =
                appended.entrySet().iterator();
        while (oldestFirst.hasNext()) {
            Map.Entry<Long, ProducerState> oldest = oldestFirst.next();
            if (!oldest.getValue().equals(confirmed.get(oldest.getKey())) || !due.test(oldest.getValue())) {
                return;
            }
            confirmed.remove(oldest.getKey());
            oldestFirst.remove();
        }
    }

    int size() {
        return appended.size();
    }

    /** The bytes of the appended state, for a snapshot at the end of the log. */
    byte[] encodeAppended(long offset) {
        return encode(appended, offset);
    }

    /** The bytes of the confirmed state, for a snapshot at the high watermark. */
    byte[] encodeConfirmed(long offset) {
        return encode(confirmed, offset);
    }

    private static byte[] encode(Map<Long, ProducerState> states, long offset) {
        PartitionSnapshot.Builder snapshot =
                PartitionSnapshot.newBuilder().setFormat(FORMAT).setOffset(offset);
        states.forEach((id, state) -> {
            Producer.Builder producer =
                    Producer.newBuilder().setId(id).setEpoch(state.epoch()).setLastAppendMs(state.lastAppendMs());
            for (ProducedBatch batch : state.batches()) {
                producer.addBatches(io.siltstone.log.snapshot.proto.ProducedBatch.newBuilder()
                        .setFirstSequence(batch.firstSequence())
                        .setLastSequence(batch.lastSequence())
                        .setBaseOffset(batch.baseOffset())
                        .setMaxTimestamp(batch.maxTimestamp()));
            }
            snapshot.addProducers(producer);
        });
        return snapshot.build().toByteArray();
    }

    /**
     * Starts over from a snapshot.
     *
     * @throws IllegalArgumentException where the bytes are no snapshot of a format known here
     */
    void restore(ByteBuffer bytes) {
        PartitionSnapshot snapshot;
        try {
            snapshot = PartitionSnapshot.parseFrom(bytes);
        } catch (InvalidProtocolBufferException notASnapshot) {
            throw new IllegalArgumentException("partition snapshot is not readable: " + notASnapshot, notASnapshot);
        }
        if (snapshot.getFormat() != FORMAT) {
            throw new IllegalArgumentException(
                    "partition snapshot has format " + snapshot.getFormat() + ", this version reads " + FORMAT);
        }
        appended.clear();
        List<Producer> oldestFirst = snapshot.getProducersList().stream()
                .sorted(Comparator.comparingLong(Producer::getLastAppendMs))
                .toList();
        for (Producer producer : oldestFirst) {
            appended.put(
                    producer.getId(),
                    new ProducerState(
                            (short) producer.getEpoch(),
                            producer.getBatchesList().stream()
                                    .map(batch -> new ProducedBatch(
                                            batch.getFirstSequence(),
                                            batch.getLastSequence(),
                                            batch.getBaseOffset(),
                                            batch.getMaxTimestamp()))
                                    .toList(),
                            producer.getLastAppendMs()));
        }
        confirmAll();
    }

    /** Everything appended is confirmed: the end of a recovery. */
    void confirmAll() {
        confirmed.clear();
        confirmed.putAll(appended);
        forgetTooMany();
    }

    /** A producer's state after one batch, to be confirmed with it. */
    static final class Update {

        private final long producerId;
        private final ProducerState after;

        private Update(long producerId, ProducerState after) {
            this.producerId = producerId;
            this.after = after;
        }
    }
}
