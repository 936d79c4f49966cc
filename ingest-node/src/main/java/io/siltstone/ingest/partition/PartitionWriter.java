package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.ingest.kafka.RecordValidation.Validated;
import io.siltstone.ingest.partition.WaitingAppends.WaitingAppend;
import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.writer.PartitionLog;
import java.util.Optional;
import java.util.function.Consumer;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to a partition: validates batches, keeps the producers' state beside the log, tells waiting producers what
 * became of theirs. Confined to the partition's event loop.
 *
 * <p>Invariants: an append is told successful only below the high watermark (rules 3 and 4); the producers' state is that
 * of the log's end.
 */
final class PartitionWriter {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionWriter.class);

    /** Their state takes about 2 MiB in a snapshot, and some times that in memory. */
    private static final int MOST_PRODUCERS = 10_000;

    private final Partition partition;
    private final PartitionLog log;
    private final PartitionLoop loop;
    private final Consumer<UnconfirmedEntry> visible;
    private final AppendRoom room;
    private final ProducerStates producers;
    private final WaitingAppends waiting = new WaitingAppends();
    private final UnconfirmedEntries unconfirmed;
    private long endOffset;

    /**
     * The writer of a tenure.
     *
     * @param visible takes over each confirmed entry's reference of its batches, before its producers are told
     */
    PartitionWriter(Partition partition, PartitionLog log, PartitionLoop loop, Consumer<UnconfirmedEntry> visible) {
        this.partition = partition;
        this.log = log;
        this.loop = loop;
        this.visible = visible;
        this.room = new AppendRoom(
                partition.name(),
                partition::settings,
                loop.disks(),
                () -> log.state().segments().size());
        this.producers = new ProducerStates(MOST_PRODUCERS, loop.metrics()::forgotProducer);
        this.unconfirmed = new UnconfirmedEntries(loop.budget());
    }

    /** The offset after the last one appended, confirmed or not. */
    long endOffset() {
        return endOffset;
    }

    /** How long a producer should wait before it appends here again, in milliseconds; only once open. */
    int throttleMs() {
        return room.delayMs();
    }

    /** As {@link Partition#append}, of a tenure that is not over. */
    void append(
            MemoryRecords records,
            ByteBuf bytes,
            int pinnedBytes,
            AppendOrigin origin,
            long deadlineMs,
            AppendCallback callback) {
        boolean waits =
                !partition.isOpen() || (origin == AppendOrigin.CLIENT && (!waiting.isEmpty() || room.isLacking()));
        if (waits) {
            waiting.add(
                    records,
                    bytes,
                    pinnedBytes,
                    origin,
                    deadlineMs,
                    callback,
                    loop.timers().nowMs());
        } else {
            appendNow(records, bytes, pinnedBytes, origin, deadlineMs, callback);
        }
    }

    /** Appends what waited, as far as there is room. */
    void appendWaiting() {
        waiting.drainWhile(() -> partition.isOpen() && !room.isLacking(), this::appendNow);
    }

    private void appendNow(WaitingAppend next) {
        appendNow(next.records(), next.bytes(), next.pinnedBytes(), next.origin(), next.deadlineMs(), next.callback());
    }

    private void appendNow(
            MemoryRecords records,
            ByteBuf bytes,
            int pinnedBytes,
            AppendOrigin origin,
            long deadlineMs,
            AppendCallback callback) {
        Validated validated;
        long appendMs = loop.timers().wallClockMs();
        try {
            if (!log.isOpen()) {
                throw new NotLeaderOrFollowerException(partition.name() + " is being handed over to another node");
            }
            TopicSettings current = partition.settings();
            MutableRecordBatch batch = loop.validation().check(records, current);
            if (origin == AppendOrigin.CLIENT && batch.hasProducerId()) {
                if (batch.isTransactional()) {
                    throw new InvalidTxnStateException("transactions are not supported");
                }
                Optional<ProducedBatch> original = producers.judge(batch);
                if (original.isPresent()) {
                    answerRepetition(original.get(), current, deadlineMs, callback);
                    return;
                }
            }
            NotEnoughReplicasException shortage = room.shortage(current.quorum());
            if (shortage != null) {
                throw shortage;
            }
            validated = loop.validation()
                    .assign(partition.name(), records, batch, bytes, current, log.nextOffset(), log.epoch(), origin);
        } catch (RuntimeException refused) {
            callback.failed(refused);
            return;
        }
        try {
            add(validated, Math.max(pinnedBytes, validated.bytes().readableBytes()), appendMs)
                    .await(callback, deadlineMs);
        } catch (IllegalStateException | IllegalArgumentException broken) {
            LOG.error("{} ({}) cannot be appended to, this tenure ends", partition.name(), partition.id(), broken);
            callback.failed(new KafkaStorageException(
                    partition.name() + " cannot be appended to: " + broken.getMessage(), broken));
            partition.abandon();
        }
    }

    private UnconfirmedEntry add(Validated validated, int pinnedBytes, long appendMs) {
        long baseOffset = log.nextOffset();
        ByteBuf batches = validated.bytes();
        long maxTimestamp = validated.batch().maxTimestamp();
        try {
            log.append(batches.retainedDuplicate(), validated.offsetCount());
        } catch (RuntimeException notTaken) {
            batches.release();
            throw notTaken;
        }
        // Only now: the log may ask for the state below this entry while it takes it.
        UnconfirmedEntry entry = new UnconfirmedEntry(
                baseOffset,
                baseOffset + validated.offsetCount(),
                batches,
                pinnedBytes,
                maxTimestamp,
                validated.logAppendTimeMs(),
                producers.append(validated.batch(), appendMs));
        endOffset = entry.endOffset;
        unconfirmed.add(entry);
        loop.metrics().appended(batches.readableBytes());
        return entry;
    }

    /** Rule 3: a repetition is successful when its original is below the high watermark, not before. */
    private void answerRepetition(
            ProducedBatch original, TopicSettings current, long deadlineMs, AppendCallback callback) {
        Optional<UnconfirmedEntry> pending = unconfirmed.at(original.baseOffset());
        if (pending.isPresent()) {
            pending.get().await(callback, deadlineMs);
            return;
        }
        if (original.baseOffset() >= partition.highWatermark()) {
            throw broken("batch at " + original.baseOffset() + " of " + partition.name()
                    + " is neither confirmed nor waiting, the high watermark is " + partition.highWatermark());
        }
        boolean stamped = current.log().messageTimestampType == TimestampType.LOG_APPEND_TIME;
        callback.appended(
                original.baseOffset(),
                stamped ? original.maxTimestamp() : RecordBatch.NO_TIMESTAMP,
                partition.logStartOffset());
    }

    /** A broken invariant ends the tenure: the next one starts from what the disks say. */
    private IllegalStateException broken(String what) {
        LOG.error("{} ({}) is given up: {}", partition.name(), partition.id(), what);
        loop.eventLoop().execute(partition::abandon);
        return new IllegalStateException(what);
    }

    /** Tells producers whose time is over, appends what finds room by now, and forgets idle producers. */
    void tick(long nowMs, long forgetProducersBeforeMs) {
        unconfirmed.expire(nowMs);
        waiting.giveUp(nowMs, this::notAppendedInTime);
        appendWaiting();
        producers.expire(forgetProducersBeforeMs);
    }

    /** What keeps appends waiting. */
    RuntimeException notAppendedInTime() {
        if (partition.isOpen()) {
            return new TimeoutException(partition.name() + " has no room until the bucket has taken some of it");
        }
        NotEnoughReplicasException shortage = room.shortage(partition.settings().quorum());
        return shortage != null
                ? shortage
                : new NotLeaderOrFollowerException(partition.name() + " is still being taken over");
    }

    /** Takeover: the producers' state begins as this snapshot, which is borrowed. */
    void restore(ByteBuf snapshot) {
        producers.restore(snapshot.nioBuffer());
    }

    /** Takeover: batches that follow the snapshot, borrowed. */
    void replay(EntryHeader header, ByteBuf batches) {
        MemoryRecords records = MemoryRecords.readableRecords(batches.nioBuffer());
        for (RecordBatch batch : records.batches()) {
            producers.append(batch, header.appendTimeMs());
        }
        endOffset = header.endOffset();
    }

    /** The takeover's end: everything recovered is confirmed. */
    void begin(long recoveredEnd) {
        producers.confirmAll();
        endOffset = recoveredEnd;
    }

    /**
     * The producers' state at exactly this offset.
     *
     * @param offset the end, or the high watermark
     */
    ByteBuf snapshot(long offset) {
        if (!partition.isOpen() || offset == endOffset) {
            // At the end of a recovery what is appended is confirmed.
            return Unpooled.wrappedBuffer(producers.encodeAppended(offset));
        }
        if (offset != partition.highWatermark()) {
            throw broken("a snapshot of " + partition.name() + " at " + offset + ", which is neither the end "
                    + endOffset + " nor the high watermark " + partition.highWatermark());
        }
        return Unpooled.wrappedBuffer(producers.encodeConfirmed(offset));
    }

    /** Everything below is acknowledged by the ack quorum. */
    void confirm(long below) {
        long logStart = partition.logStartOffset();
        unconfirmed.takeBelow(below, entry -> {
            if (entry.producer != null) {
                producers.confirm(entry.producer);
            }
            visible.accept(entry);
            entry.confirmed(logStart);
        });
    }

    /** The end: the fate of what is not confirmed is for the next owner to find out. */
    void fail(RuntimeException why) {
        unconfirmed.fail(why);
        waiting.fail(why);
    }
}
