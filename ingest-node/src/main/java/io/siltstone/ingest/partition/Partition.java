package io.siltstone.ingest.partition;

import io.netty.buffer.ByteBuf;
import io.siltstone.ingest.archive.Archive;
import io.siltstone.ingest.archive.PartitionArchive;
import io.siltstone.ingest.partition.TenurePhase.Open;
import io.siltstone.ingest.partition.TenurePhase.Over;
import io.siltstone.ingest.partition.TenurePhase.TakingOver;
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
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One tenure of this node as the owner of a partition: from its takeover to its resignation. Confined to the partition's
 * event loop, but for {@link #id}, {@link #name} and {@link #loop}.
 *
 * <p>Joins the log, which it takes over, with what appends ({@link PartitionWriter}), what reads ({@link PartitionReader})
 * and what goes to the bucket. What arrives during the takeover waits.
 *
 * <p>Invariants: nothing at or above the high watermark is read; after the end everything fails with "not leader".
 */
public final class Partition {

    private static final Logger LOG = LoggerFactory.getLogger(Partition.class);
    private static final long REPLICA_TIMEOUT_MS = 5_000;
    private static final long MAX_UNACKED_BYTES = 32 << 20;

    private final PartitionId id;
    private final TopicPartition name;
    private final PartitionLoop loop;
    private final Supplier<TopicSettings> settings;
    private final Tenure tenure;
    private final PartitionLog log;
    private final PartitionWriter writer;
    private final PartitionReader reader;
    private final HighWatermark highWatermark = new HighWatermark();
    private final TailCache.Tail tail;
    private final TimeIndex times = new TimeIndex();
    private final long createdMs;
    private TenurePhase phase;
    private boolean topicDeleted;
    private long snapshotSegment = -1;

    /** Hears of a tenure's beginning and end, on the partition's event loop. */
    public interface Tenure {

        /** Serving has begun. */
        void opened(Partition partition);

        /** Nothing is served any more; called once. */
        void over(Partition partition, boolean wasOpen, Resignation why);
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
        this.tail = loop.tailCache().newTail();
        this.createdMs = loop.timers().nowMs();
        this.phase = TakingOver.begun(createdMs);
        this.log = new PartitionLog(
                id,
                self,
                this::logSettings,
                loop.chains(),
                loop.replicas(),
                loop.timers(),
                loop.placement(),
                new LogEvents());
        this.writer = new PartitionWriter(this, log, loop, this::becomeVisible);
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
        return phase instanceof Open;
    }

    public boolean isOver() {
        return phase instanceof Over;
    }

    /** Why everything fails after the end. */
    public RuntimeException overBecause() {
        return phase instanceof Over over
                ? over.because()
                : new NotLeaderOrFollowerException("this node is not the leader any more");
    }

    public int epoch() {
        return log.epoch();
    }

    public long highWatermark() {
        return highWatermark.offset();
    }

    /** The offset after the last one appended, confirmed or not. */
    public long endOffset() {
        return writer.endOffset();
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
        return highWatermark.lastEntry(segment);
    }

    /** The greatest timestamp that may be read of the open segment; -1 where there is none. */
    long greatestTimestamp(long segment) {
        return highWatermark.greatestTimestamp(segment);
    }

    public void takeOver() {
        if (phase instanceof TakingOver) {
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
        PartitionArchive current = archive();
        return current == null
                ? CompletableFuture.failedFuture(
                        new IllegalStateException(name + " is not open here, or this node has no bucket"))
                : current.whenTiered(offset);
    }

    private @Nullable PartitionArchive archive() {
        return phase instanceof Open open ? open.archive() : null;
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
        if (isOver()) {
            done.accept(UpdateResult.NOT_OWNER);
            return;
        }
        log.update(change, done);
    }

    /** Rule 5: true once an ack quorum said "unfenced" to a question put after this call. */
    public void confirmOwnership(Consumer<Boolean> answer) {
        if (!isOpen()) {
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
        if (phase instanceof Over over) {
            callback.failed(over.because());
        } else {
            writer.append(records, bytes, pinnedBytes, origin, deadlineMs, callback);
        }
    }

    /** How long a producer should wait before it appends here again, in milliseconds. */
    public int throttleMs() {
        return isOpen() ? writer.throttleMs() : 0;
    }

    /**
     * Moves the log start up (DeleteRecords, retention).
     *
     * @param offset at most the high watermark
     * @param done hears the log start that is in force, or why it could not be moved
     */
    public void moveLogStart(long offset, LongConsumer done, Consumer<RuntimeException> failed) {
        if (!isOpen()) {
            failed.accept(overBecause());
        } else if (offset > highWatermark()) {
            failed.accept(new OffsetOutOfRangeException(
                    "records below " + offset + " cannot be deleted, the high watermark is " + highWatermark()));
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
        highWatermark.addListener(listener);
    }

    public void removeHighWatermarkListener(LongConsumer listener) {
        highWatermark.removeListener(listener);
    }

    /** Wakes the waiter once, when there may be more to read or the tenure is over. */
    public void awaitMore(HighWatermarkWaiters.Waiter waiter) {
        highWatermark.await(waiter);
    }

    /** Tells producers whose time is over, and forgets idle ones. Called by the loop's ticker. */
    public void tick(long nowMs, long forgetProducersBeforeMs) {
        if (phase instanceof TakingOver takingOver && takingOver.isSlow(nowMs)) {
            LOG.warn(
                    "{} ({}) is still not open after {} ms: {}",
                    name,
                    id,
                    nowMs - createdMs,
                    writer.notAppendedInTime().getMessage());
            phase = takingOver.told();
        }
        writer.tick(nowMs, forgetProducersBeforeMs);
    }

    private @Nullable PartitionArchive newArchive() {
        Archive bucket = loop.archive();
        return bucket == null
                ? null
                : bucket.partition(
                        id,
                        name.topic(),
                        log.epoch(),
                        loop.replicas(),
                        loop.timers(),
                        loop.eventLoop(),
                        this::update,
                        loop.drops(),
                        log::state,
                        () -> settings.get().retention());
    }

    /** Takes over the entry's reference of its batches. */
    private void becomeVisible(UnconfirmedEntry entry) {
        highWatermark.include(entry.maxTimestamp);
        times.add(entry.baseOffset, entry.maxTimestamp, entry.batches.readableBytes());
        tail.add(entry.baseOffset, entry.endOffset, entry.batches, entry.pinnedBytes);
    }

    private final class LogEvents implements PartitionLog.Listener {

        @Override
        public void restore(ByteBuf snapshot) {
            writer.restore(snapshot);
        }

        @Override
        public void replay(EntryHeader header, ByteBuf batches) {
            writer.replay(header, batches);
        }

        @Override
        public void opened(int epoch, long logStart, long endOffset) {
            writer.begin(endOffset);
            highWatermark.begin(endOffset);
            phase = new Open(newArchive());
            long tookMs = loop.timers().nowMs() - createdMs;
            loop.metrics().opened(tookMs);
            LOG.info("{} ({}) is open at offset {} in epoch {}, after {} ms", name, id, endOffset, epoch, tookMs);
            tenure.opened(Partition.this);
            highWatermark.wakeAll();
            // Last: an append that breaks ends the tenure.
            writer.appendWaiting();
        }

        @Override
        public ByteBuf snapshot(long offset) {
            return writer.snapshot(offset);
        }

        @Override
        public void confirmed(long confirmedBelow, SegmentId segment, long lastEntry) {
            if (snapshotSegment != log.snapshotConfirmedIn()) {
                snapshotSegment = log.snapshotConfirmedIn();
                stateChanged(log.state());
            }
            if (highWatermark.advance(confirmedBelow, segment, lastEntry)) {
                writer.confirm(confirmedBelow);
                highWatermark.announce();
            }
        }

        @Override
        public void stateChanged(PartitionState newState) {
            if (newState.manifest() != null) {
                times.trim(newState.manifest().endOffset());
            }
            PartitionArchive archive = archive();
            if (archive != null) {
                archive.stateChanged(newState, log.snapshotConfirmedIn());
            }
        }

        @Override
        public void resigned(Resignation why) {
            PartitionArchive archive = archive();
            boolean wasOpen = isOpen();
            RuntimeException because = why == Resignation.DELETED || topicDeleted
                    ? new UnknownTopicOrPartitionException(name + " was deleted")
                    : new NotLeaderOrFollowerException(name + " is not led by this node any more: " + why);
            phase = new Over(because);
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
            writer.fail(because);
            tail.clear();
            highWatermark.wakeAll();
            tenure.over(Partition.this, wasOpen, why);
        }
    }
}
