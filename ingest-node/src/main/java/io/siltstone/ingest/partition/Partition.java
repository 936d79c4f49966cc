package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.ingest.archive.Archive;
import io.siltstone.ingest.archive.PartitionArchive;
import io.siltstone.ingest.kafka.RecordValidation.Validated;
import io.siltstone.ingest.topic.TopicSettings;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.ChainChange;
import io.siltstone.log.writer.LogSettings;
import io.siltstone.log.writer.PartitionLog;
import io.siltstone.log.writer.Resignation;
import io.siltstone.log.writer.UpdateResult;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.KafkaStorageException;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tenure of this node as the owner of a partition: from its takeover to its resignation. Confined to the partition's
 * event loop, but for {@link #id}, {@link #name} and {@link #loop}.
 *
 * <p>Validates and appends, keeps the producers' state beside the log, tells waiting producers and readers what is
 * confirmed. What arrives during the takeover, or while there is no room, waits within each request's own time, a minute
 * at most, and as long as its client is there.
 *
 * <p>Invariants: an append is told successful only below the high watermark (rules 3 and 4); nothing at or above the high
 * watermark is read; after the end everything fails with "not leader"; no batch that waits passes an earlier one of its
 * producer, also where the earlier one is late.
 */
public final class Partition {

    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    private static final long REPLICA_TIMEOUT_MS = 5_000;
    private static final long MAX_UNACKED_BYTES = 32 << 20;
    private static final long LONGEST_WAIT_MS = 60_000;
    private static final long SLOW_TAKEOVER_MS = 10_000;

    /** Their state takes about 2 MiB in a snapshot, and some times that in memory. */
    private static final int MOST_PRODUCERS = 10_000;

    private enum Phase {
        TAKING_OVER,
        OPEN,
        OVER
    }

    private final PartitionId id;
    private final TopicPartition name;
    private final PartitionLoop loop;
    private final Supplier<TopicSettings> settings;
    private final Tenure tenure;
    private final PartitionLog log;
    private final ProducerStates producers = new ProducerStates(MOST_PRODUCERS);
    private final UnconfirmedEntries unconfirmed;
    private final ArrayDeque<WaitingAppend> waitingAppends = new ArrayDeque<>();
    private final List<LongConsumer> highWatermarkListeners = new ArrayList<>();
    private final HighWatermarkWaiters waiters = new HighWatermarkWaiters();
    private final TailCache.Tail tail;
    private final TimeIndex times = new TimeIndex();
    private final PartitionReader reader;
    private final long createdMs;
    private long nextNoticeMs = SLOW_TAKEOVER_MS;
    private Phase phase = Phase.TAKING_OVER;
    private RuntimeException overBecause = new NotLeaderOrFollowerException("this node is not the leader any more");
    private long appendedEnd;
    private long confirmedEnd;
    private @Nullable PartitionArchive archive;
    private boolean topicDeleted;
    private long snapshotSegment = -1;
    private long confirmedSegment = -1;
    private long confirmedEntry = -1;
    private long confirmedTimestamp = -1;

    /** Hears of a tenure's beginning and end, on the partition's event loop. */
    public interface Tenure {

        /** Serving has begun. */
        void opened(Partition partition);

        /** Nothing is served any more; called once. */
        void over(Partition partition, boolean wasOpen, Resignation why);
    }

    /** What waits for the takeover's end or for room; its bytes live as long as its callback is not called. */
    private record WaitingAppend(
            MemoryRecords records,
            ByteBuf bytes,
            int pinnedBytes,
            AppendOrigin origin,
            long deadlineMs,
            long waitsUntilMs,
            AppendCallback callback) {

        /** Who sent it; -1 where it is not an idempotent producer. */
        long producerId() {
            return records.batches().iterator().next().producerId();
        }
    }

    /**
     * A tenure that begins with {@link #takeOver}.
     *
     * @param self this process
     * @param settings of the topic, asked at each use
     * @param tenure told of its beginning and its end
     */
    public Partition(
            PartitionId id,
            TopicPartition name,
            Owner self,
            PartitionLoop loop,
            Supplier<TopicSettings> settings,
            Tenure tenure) {
        this.id = id;
        this.name = name;
        this.loop = loop;
        this.settings = settings;
        this.tenure = tenure;
        this.unconfirmed = new UnconfirmedEntries(loop.budget());
        this.tail = loop.tailCache().newTail();
        this.createdMs = loop.timers().nowMs();
        this.log = new PartitionLog(
                id,
                self,
                this::logSettings,
                loop.chains(),
                loop.replicas(),
                loop.timers(),
                loop.placement(),
                new LogEvents());
        this.reader = new PartitionReader(this, log, loop, tail);
    }

    private LogSettings logSettings() {
        TopicSettings current = settings.get();
        return new LogSettings(
                current.quorum(),
                current.log().segmentSize(),
                current.log().segmentMs,
                MAX_UNACKED_BYTES,
                REPLICA_TIMEOUT_MS);
    }

    public PartitionId id() {
        return id;
    }

    public TopicPartition name() {
        return name;
    }

    public PartitionLoop loop() {
        return loop;
    }

    public TopicSettings settings() {
        return settings.get();
    }

    /** When each batch appended by this tenure was made. */
    TimeIndex times() {
        return times;
    }

    public PartitionReader reader() {
        return reader;
    }

    /** Serves produce and fetch. */
    public boolean isOpen() {
        return phase == Phase.OPEN;
    }

    public boolean isOver() {
        return phase == Phase.OVER;
    }

    /** Why everything fails after the end. */
    public RuntimeException overBecause() {
        return overBecause;
    }

    public int epoch() {
        return log.epoch();
    }

    public long highWatermark() {
        return confirmedEnd;
    }

    /** The offset after the last one appended, confirmed or not. */
    public long endOffset() {
        return appendedEnd;
    }

    public long logStartOffset() {
        return log.state().logStart();
    }

    /** The znode as this owner last won or read it; only once open. */
    public PartitionState state() {
        return log.state();
    }

    /** The last entry of the open segment that may be read; -1 where none may. */
    long lastConfirmedEntry(long segment) {
        return segment == confirmedSegment ? confirmedEntry : -1;
    }

    /** The greatest timestamp that may be read of the open segment; -1 where there is none. */
    long greatestTimestamp(long segment) {
        return segment == confirmedSegment ? confirmedTimestamp : -1;
    }

    public void takeOver() {
        if (phase == Phase.TAKING_OVER) {
            log.takeOver();
        }
    }

    /** Hands the partition over: what is appended is confirmed first, nothing more is taken. */
    public void release() {
        log.release();
    }

    /** Stops at once: the session is lost or the process ends. */
    public void abandon() {
        log.close();
    }

    /** Stops at once: the topic is no more. */
    public void abandonDeleted() {
        topicDeleted = true;
        log.close();
    }

    /**
     * Completes when everything below the offset is in the bucket and disks were told to drop it; fails when the tenure
     * ends first, or where there is no bucket.
     */
    public CompletableFuture<Void> whenTiered(long offset) {
        PartitionArchive current = archive;
        return current == null
                ? CompletableFuture.failedFuture(
                        new IllegalStateException(name + " is not open here, or this node has no bucket"))
                : current.whenTiered(offset);
    }

    /** Closes the open segment where it holds a batch. */
    public void seal() {
        log.seal();
    }

    /** The metadata watch saw the znode. */
    public void chainChanged(PartitionState state, int version) {
        log.chainChanged(state, version);
    }

    /** Changes the znode as its owner. */
    public void update(ChainChange change, Consumer<UpdateResult> done) {
        if (phase == Phase.OVER) {
            done.accept(UpdateResult.NOT_OWNER);
            return;
        }
        log.update(change, done);
    }

    /** Rule 5: true once an ack quorum said "unfenced" to a question put after this call. */
    public void confirmOwnership(Consumer<Boolean> answer) {
        if (phase != Phase.OPEN) {
            answer.accept(false);
            return;
        }
        log.confirmOwnership(answer);
    }

    /**
     * Appends the one batch that a request holds for this partition.
     *
     * @param records the batch as the codec read it
     * @param bytes the same bytes; borrowed until the callback is called
     * @param pinnedBytes memory that the batch keeps from being reused, its share of the request
     * @param deadlineMs when the producer stops waiting, on the loop's monotonic clock
     */
    public void append(
            MemoryRecords records,
            ByteBuf bytes,
            int pinnedBytes,
            AppendOrigin origin,
            long deadlineMs,
            AppendCallback callback) {
        boolean waits = phase == Phase.TAKING_OVER
                || (phase == Phase.OPEN && origin == AppendOrigin.CLIENT && (!waitingAppends.isEmpty() || lacksRoom()));
        if (waits) {
            long waitsUntilMs = Math.min(deadlineMs, loop.timers().nowMs() + LONGEST_WAIT_MS);
            waitingAppends.add(
                    new WaitingAppend(records, bytes, pinnedBytes, origin, deadlineMs, waitsUntilMs, callback));
        } else if (phase == Phase.OVER) {
            callback.failed(overBecause);
        } else {
            appendNow(records, bytes, pinnedBytes, origin, deadlineMs, callback);
        }
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
                throw new NotLeaderOrFollowerException(name + " is being handed over to another node");
            }
            TopicSettings current = settings.get();
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
            requireReplicas(current);
            validated = loop.validation()
                    .assign(name, records, batch, bytes, current, log.nextOffset(), log.epoch(), origin);
        } catch (RuntimeException refused) {
            callback.failed(refused);
            return;
        }
        try {
            add(validated, Math.max(pinnedBytes, validated.bytes().readableBytes()), appendMs)
                    .await(callback, deadlineMs);
        } catch (IllegalStateException | IllegalArgumentException broken) {
            LOG.error("{} ({}) cannot be appended to, this tenure ends", name, id, broken);
            callback.failed(new KafkaStorageException(name + " cannot be appended to: " + broken.getMessage(), broken));
            log.close();
        }
    }

    /** Disks enough, but full; or no place in the list of segments. Both end when the bucket has taken something. */
    private boolean lacksRoom() {
        int needed = settings.get().quorum().ack();
        return (loop.disks().writable() < needed && loop.disks().live() >= needed)
                || SegmentListRoom.isFull(log.state().segments().size());
    }

    /** How long a producer should wait before it appends here again, in milliseconds. */
    public int throttleMs() {
        return phase == Phase.OPEN
                ? SegmentListRoom.delayMs(log.state().segments().size())
                : 0;
    }

    private void appendWaiting() {
        while (phase == Phase.OPEN && !waitingAppends.isEmpty() && !lacksRoom()) {
            WaitingAppend next = waitingAppends.remove();
            appendNow(next.records, next.bytes, next.pinnedBytes, next.origin, next.deadlineMs, next.callback);
        }
    }

    private void requireReplicas(TopicSettings current) {
        int writable = loop.disks().writable();
        if (writable < current.quorum().ack()) {
            throw new NotEnoughReplicasException(
                    writable + " storage disks take appends, " + name + " needs " + current.quorum());
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
        appendedEnd = entry.endOffset;
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
        if (original.baseOffset() >= confirmedEnd) {
            throw broken("batch at " + original.baseOffset() + " of " + name
                    + " is neither confirmed nor waiting, the high watermark is " + confirmedEnd);
        }
        boolean stamped = current.log().messageTimestampType == TimestampType.LOG_APPEND_TIME;
        callback.appended(
                original.baseOffset(), stamped ? original.maxTimestamp() : RecordBatch.NO_TIMESTAMP, logStartOffset());
    }

    /** A broken invariant ends the tenure: the next one starts from what the disks say. */
    private IllegalStateException broken(String what) {
        LOG.error("{} ({}) is given up: {}", name, id, what);
        loop.eventLoop().execute(this::abandon);
        return new IllegalStateException(what);
    }

    /**
     * Moves the log start up (DeleteRecords, retention).
     *
     * @param offset at most the high watermark
     * @param done hears the log start that is in force, or why it could not be moved
     */
    public void moveLogStart(long offset, LongConsumer done, Consumer<RuntimeException> failed) {
        if (phase != Phase.OPEN) {
            failed.accept(overBecause);
        } else if (offset > confirmedEnd) {
            failed.accept(new OffsetOutOfRangeException(
                    "records below " + offset + " cannot be deleted, the high watermark is " + confirmedEnd));
        } else {
            update(current -> current.logStart() >= offset ? null : current.withLogStart(offset), result -> {
                if (result == UpdateResult.DONE) {
                    done.accept(log.state().logStart());
                } else {
                    failed.accept(new NotLeaderOrFollowerException(name + " has another leader"));
                }
            });
        }
    }

    /** Who calls is told each new high watermark, first the present one. */
    public void addHighWatermarkListener(LongConsumer listener) {
        highWatermarkListeners.add(listener);
        listener.accept(confirmedEnd);
    }

    public void removeHighWatermarkListener(LongConsumer listener) {
        highWatermarkListeners.remove(listener);
    }

    /** Wakes the waiter once, when there may be more to read or the tenure is over. */
    public void awaitMore(HighWatermarkWaiters.Waiter waiter) {
        waiters.add(waiter);
    }

    /** Tells producers whose time is over, and forgets idle ones. Called by the loop's ticker. */
    public void tick(long nowMs, long forgetProducersBeforeMs) {
        if (phase == Phase.TAKING_OVER && nowMs - createdMs >= nextNoticeMs) {
            LOG.warn(
                    "{} ({}) is still not open after {} ms: {}",
                    name,
                    id,
                    nowMs - createdMs,
                    notAppendedInTime().getMessage());
            nextNoticeMs += SLOW_TAKEOVER_MS;
        }
        unconfirmed.expire(nowMs);
        giveUpWaiting(nowMs);
        appendWaiting();
        producers.expire(forgetProducersBeforeMs);
    }

    /**
     * Lets go of appends whose clients are gone, and of those that are late, with all that their producers sent behind them:
     * if the next batch of a producer that is not known here passed the one it must repeat, the repetition would be out of
     * sequence for ever.
     */
    private void giveUpWaiting(long nowMs) {
        List<WaitingAppend> givenUp = new ArrayList<>();
        Set<Long> lateProducers = new HashSet<>();
        for (Iterator<WaitingAppend> all = waitingAppends.iterator(); all.hasNext(); ) {
            WaitingAppend waiting = all.next();
            long producerId = waiting.producerId();
            boolean late = waiting.waitsUntilMs <= nowMs || lateProducers.contains(producerId);
            if (late && producerId != RecordBatch.NO_PRODUCER_ID) {
                lateProducers.add(producerId);
            }
            if (late || waiting.callback.isPointless()) {
                all.remove();
                givenUp.add(waiting);
            }
        }
        givenUp.forEach(each -> each.callback.failed(notAppendedInTime()));
    }

    private RuntimeException notAppendedInTime() {
        if (phase == Phase.OPEN) {
            return new TimeoutException(name + " has no room until the bucket has taken some of it");
        }
        int writable = loop.disks().writable();
        return writable < settings.get().quorum().ack()
                ? new NotEnoughReplicasException(writable + " storage disks take appends, " + name + " needs "
                        + settings.get().quorum())
                : new NotLeaderOrFollowerException(name + " is still being taken over");
    }

    private final class LogEvents implements PartitionLog.Listener {

        @Override
        public void restore(ByteBuf snapshot) {
            producers.restore(snapshot.nioBuffer());
        }

        @Override
        public void replay(EntryHeader header, ByteBuf batches) {
            MemoryRecords records = MemoryRecords.readableRecords(batches.nioBuffer());
            for (RecordBatch batch : records.batches()) {
                producers.append(batch, header.appendTimeMs());
            }
            appendedEnd = header.endOffset();
        }

        @Override
        public void opened(int epoch, long logStart, long endOffset) {
            producers.confirmAll();
            appendedEnd = endOffset;
            confirmedEnd = endOffset;
            phase = Phase.OPEN;
            long tookMs = loop.timers().nowMs() - createdMs;
            loop.metrics().opened(tookMs);
            LOG.info("{} ({}) is open at offset {} in epoch {}, after {} ms", name, id, endOffset, epoch, tookMs);
            appendWaiting();
            waiters.wakeAll();
            startArchive();
            tenure.opened(Partition.this);
        }

        @Override
        public ByteBuf snapshot(long offset) {
            if (phase == Phase.TAKING_OVER || offset == appendedEnd) {
                // At the end of a recovery what is appended is confirmed.
                return Unpooled.wrappedBuffer(producers.encodeAppended(offset));
            }
            if (offset != confirmedEnd) {
                throw broken("a snapshot of " + name + " at " + offset + ", which is neither the end " + appendedEnd
                        + " nor the high watermark " + confirmedEnd);
            }
            return Unpooled.wrappedBuffer(producers.encodeConfirmed(offset));
        }

        @Override
        public void confirmed(long highWatermark, SegmentId segment, long lastEntry) {
            if (snapshotSegment != log.snapshotConfirmedIn()) {
                snapshotSegment = log.snapshotConfirmedIn();
                stateChanged(log.state());
            }
            if (highWatermark <= confirmedEnd) {
                return;
            }
            confirmedEnd = highWatermark;
            if (confirmedSegment != segment.number()) {
                confirmedSegment = segment.number();
                confirmedTimestamp = -1;
            }
            confirmedEntry = lastEntry;
            long logStart = logStartOffset();
            unconfirmed.takeBelow(highWatermark, entry -> {
                if (entry.producer != null) {
                    producers.confirm(entry.producer);
                }
                confirmedTimestamp = Math.max(confirmedTimestamp, entry.maxTimestamp);
                times.add(entry.baseOffset, entry.maxTimestamp, entry.batches.readableBytes());
                tail.add(entry.baseOffset, entry.endOffset, entry.batches, entry.pinnedBytes);
                entry.confirmed(logStart);
            });
            waiters.wakeAll();
            for (LongConsumer listener : List.copyOf(highWatermarkListeners)) {
                listener.accept(highWatermark);
            }
        }

        private void startArchive() {
            Archive bucket = loop.archive();
            if (bucket != null) {
                archive = bucket.partition(
                        id,
                        name.topic(),
                        log.epoch(),
                        loop.replicas(),
                        loop.timers(),
                        loop.eventLoop(),
                        Partition.this::update,
                        loop.drops(),
                        log::state,
                        () -> settings.get().retention());
            }
        }

        @Override
        public void stateChanged(PartitionState state) {
            if (state.manifest() != null) {
                times.trim(state.manifest().endOffset());
            }
            if (archive != null) {
                archive.stateChanged(state, log.snapshotConfirmedIn());
            }
        }

        @Override
        public void resigned(Resignation why) {
            boolean wasOpen = phase == Phase.OPEN;
            phase = Phase.OVER;
            if (archive != null) {
                archive.close();
            }
            if (wasOpen) {
                loop.metrics().closed();
            }
            LOG.info(
                    "{} ({}) is not owned by this node any more: {}",
                    name,
                    id,
                    topicDeleted ? Resignation.DELETED : why);
            overBecause = why == Resignation.DELETED || topicDeleted
                    ? new UnknownTopicOrPartitionException(name + " was deleted")
                    : new NotLeaderOrFollowerException(name + " is not led by this node any more: " + why);
            unconfirmed.fail(overBecause);
            for (WaitingAppend next = waitingAppends.poll(); next != null; next = waitingAppends.poll()) {
                next.callback.failed(overBecause);
            }
            tail.clear();
            waiters.wakeAll();
            tenure.over(Partition.this, wasOpen, why);
        }
    }
}
