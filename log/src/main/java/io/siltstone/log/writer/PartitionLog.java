package io.siltstone.log.writer;

import io.netty.buffer.ByteBuf;
import io.siltstone.log.DiskId;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainSegment;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of one partition as its owner keeps it: takes it over from the owner before, appends, rolls, hands it over.
 * Confined to the partition's event loop; never blocks, has no clock of its own.
 *
 * <p>Phases: new → claiming → recovering → opening → open ⇄ rolling → releasing → over. From each of them a fenced
 * answer or another owner's znode leads to over.
 *
 * <p>Invariants: nothing is appended or told confirmed before the segment list names this incarnation, its epoch and the
 * open segment; the next offset follows the last one taken; while a roll is not settled nothing is confirmed.
 */
public final class PartitionLog {

    private static final Logger LOG = LoggerFactory.getLogger(PartitionLog.class);

    private static final long TICK_MS = 1_000;
    private static final long WIDTH_CHECK_MS = 10_000;
    private static final long RELEASE_PATIENCE_MS = 3_000;
    private static final long FIRST_ROLL_BACKOFF_MS = 20;
    private static final long LONGEST_ROLL_BACKOFF_MS = 1_000;

    /** What the owner of the partition does with what the log tells. */
    public interface Listener {

        /** Takeover: the state begins as this snapshot, which is borrowed. Never called for a new partition. */
        void restore(ByteBuf snapshot);

        /** Takeover: entries that follow the snapshot, borrowed. */
        void replay(EntryHeader header, ByteBuf batches);

        /** Serving may begin; the high watermark is the end offset. */
        void opened(int epoch, long logStart, long endOffset);

        /**
         * The partition's state at exactly this offset.
         *
         * @param offset the next offset, or the high watermark
         * @return bytes that belong to the log
         */
        ByteBuf snapshot(long offset);

        /** Everything below is acknowledged and visible. */
        void confirmed(long highWatermark, SegmentId segment, long lastEntry);

        /** The znode as this owner last won or read it. */
        void stateChanged(PartitionState state);

        /** The end: nothing more is called. */
        void resigned(Resignation why);
    }

    private enum Phase {
        NEW,
        CLAIMING,
        RECOVERING,
        OPENING,
        OPEN,
        ROLLING,
        RELEASING,
        OVER
    }

    private final PartitionId partition;
    private final Replicas replicas;
    private final Timers timers;
    private final Placement placement;
    private final LogRules rules;
    private final Listener listener;
    private final OwnedChain chain;
    private final Takeover takeover;
    private final NextSegment nextSegment;
    private final SnapshotSchedule snapshots = new SnapshotSchedule();
    private final OwnershipProbe probe;
    private final DiskBackoff backoff = new DiskBackoff();

    private Phase phase = Phase.NEW;
    private @Nullable SegmentWriter writer;
    private @Nullable Roll roll;
    private Timers.@Nullable Timer tick;
    private long nextOffset;
    private long highWatermark;
    private long widthCheckedMs;
    private long rollBackoffMs;
    private boolean releaseSent;

    /**
     * A log that has not claimed its partition yet.
     *
     * @param settings asked at each roll
     */
    public PartitionLog(
            PartitionId partition,
            Owner self,
            Supplier<LogSettings> settings,
            ChainStore chains,
            Replicas replicas,
            Timers timers,
            Placement placement,
            LogRules rules,
            Listener listener) {
        this.partition = partition;
        this.replicas = replicas;
        this.timers = timers;
        this.placement = placement;
        this.rules = rules;
        this.listener = listener;
        chain = new OwnedChain(partition, self, chains, timers, rules, new OwnedChain.Events() {
            @Override
            public void stateChanged(PartitionState state) {
                listener.stateChanged(state);
            }

            @Override
            public void lost(Resignation why) {
                resign(why);
            }
        });
        takeover = new Takeover(partition, chain, replicas, placement, timers, rules, new Takeover.Events() {
            @Override
            public void restore(ByteBuf state) {
                listener.restore(state);
            }

            @Override
            public void replay(EntryHeader header, ByteBuf batches) {
                listener.replay(header, batches);
            }

            @Override
            public void restored(Takeover.Recovered recovered) {
                phase = Phase.OPENING;
                open(recovered);
            }
        });
        nextSegment = new NextSegment(chain, placement, timers, settings);
        probe = new OwnershipProbe(() -> writer, this::isSettled, replicas, timers, () -> resign(Resignation.FENCED));
    }

    /** The same with the rules as production keeps them. */
    public PartitionLog(
            PartitionId partition,
            Owner self,
            Supplier<LogSettings> settings,
            ChainStore chains,
            Replicas replicas,
            Timers timers,
            Placement placement,
            Listener listener) {
        this(partition, self, settings, chains, replicas, timers, placement, new LogRules(), listener);
    }

    /** Claims, fences, recovers and registers the next segment; ends in {@code opened} or {@code resigned}. */
    public void takeOver() {
        require(Phase.NEW);
        phase = Phase.CLAIMING;
        chain.claim(() -> {
            phase = Phase.RECOVERING;
            takeover.start();
        });
    }

    public boolean isOpen() {
        return phase == Phase.OPEN || phase == Phase.ROLLING;
    }

    /** A roll is under way: what is appended waits, and nobody is told what is not there (rule 5). */
    public boolean rolling() {
        return phase == Phase.ROLLING;
    }

    /** The base offset that the next append must carry. */
    public long nextOffset() {
        return nextOffset;
    }

    public long highWatermark() {
        return highWatermark;
    }

    public int epoch() {
        return chain.epoch();
    }

    /** Payload bytes that are appended and not yet confirmed. */
    public long unconfirmedBytes() {
        SegmentWriter current = writer;
        return current == null ? 0 : current.unconfirmedBytes();
    }

    /**
     * The newest segment that begins with a snapshot which is confirmed: whatever is before it is not needed to bring
     * the state back (rule 13). -1 while there is none.
     */
    public long snapshotConfirmedIn() {
        return snapshots.confirmedIn();
    }

    /** The newest known state of the znode; only after the claim. */
    public PartitionState state() {
        return chain.state();
    }

    /**
     * Appends record batches as one entry.
     *
     * @param batches whole batches (v2) whose offsets and epoch are set, the first at {@link #nextOffset}; one reference
     *     is taken over
     * @param offsetCount offsets that they take
     */
    public void append(ByteBuf batches, int offsetCount) {
        SegmentWriter current = writer;
        if (current == null || !isOpen()) {
            batches.release();
            throw new IllegalStateException("partition " + partition + " takes no appends: " + phase);
        }
        if (batches.getLong(batches.readerIndex()) != nextOffset) {
            long base = batches.getLong(batches.readerIndex());
            batches.release();
            throw new IllegalArgumentException("a batch at offset " + base + " where " + nextOffset + " is next");
        }
        if (phase == Phase.OPEN && snapshots.isDue()) {
            appendSnapshot(current, nextOffset);
        }
        int length = batches.readableBytes();
        BatchTimestamps timestamps = BatchTimestamps.of(batches);
        long baseOffset = nextOffset;
        nextOffset += offsetCount;
        snapshots.appended(length);
        current.appendBatches(baseOffset, offsetCount, timers.nowMs(), timers.wallClockMs(), timestamps, batches);
        if (phase == Phase.OPEN
                && current.batchBytes() >= nextSegment.settings().rollBytes(listed())) {
            roll("it is full", true);
        }
    }

    /** Closes the open segment where it holds a batch, so that it can be tiered. */
    public void seal() {
        SegmentWriter current = writer;
        if (phase == Phase.OPEN && current != null && current.batchBytes() > 0) {
            roll("sealing was asked for", true);
        }
    }

    /** Hands the partition over: confirms what is in flight, closes the segment, names no owner. Ends in resigned. */
    public void release() {
        if (phase == Phase.OVER || phase == Phase.RELEASING) {
            return;
        }
        if (phase != Phase.OPEN && phase != Phase.ROLLING) {
            resign(Resignation.CLOSED);
            return;
        }
        boolean rollUnderWay = phase == Phase.ROLLING;
        phase = Phase.RELEASING;
        if (!rollUnderWay) {
            releaseWhenConfirmed(timers.nowMs() + RELEASE_PATIENCE_MS);
        }
    }

    /** Stops at once, without a word to anybody: the process ends or has lost its session. */
    public void close() {
        resign(Resignation.CLOSED);
    }

    /** Tells whether an ack quorum said "unfenced" to a question put after this call (rule 5). */
    public void confirmOwnership(Consumer<Boolean> answer) {
        if (!isOpen()) {
            answer.accept(false);
            return;
        }
        probe.ask(answer);
    }

    /** Changes the znode, as its owner, behind the changes asked for before. */
    public void update(ChainChange change, Consumer<UpdateResult> done) {
        chain.submit(change, done);
    }

    /** The metadata watch saw the znode at this version. */
    public void chainChanged(PartitionState state, int version) {
        chain.observed(state, version);
    }

    /** Rule 5: the next segment is registered before anything is served. */
    private void open(Takeover.Recovered recovered) {
        if (phase != Phase.OPENING) {
            return;
        }
        List<DiskId> ensemble = nextSegment.chooseDespiteRoom(Set.of());
        if (ensemble.isEmpty()) {
            timers.schedule(NextSegment.RETRY_MS, () -> open(recovered));
            return;
        }
        nextSegment.registerRecovered(ensemble, recovered::close, result -> {
            if (result == UpdateResult.DONE && phase == Phase.OPENING) {
                startSegment(List.of());
                phase = Phase.OPEN;
                schedule();
                listener.opened(epoch(), chain.state().logStart(), highWatermark);
            }
        });
    }

    /** From the sending of a roll or a release until its outcome is known nobody is told what is not there (rule 5). */
    private boolean isSettled() {
        return !releaseSent && (roll == null || !roll.isSent());
    }

    /** Begins to write the segment that the znode names as open: the snapshot first, then what an earlier one left. */
    private void startSegment(List<SentEntry> tail) {
        ChainSegment.Open segment = (ChainSegment.Open) chain.state().last().orElseThrow();
        highWatermark = segment.baseOffset();
        SegmentWriter next = new SegmentWriter(
                new SegmentId(partition, segment.number()),
                segment,
                nextSegment.settings(),
                replicas,
                placement,
                rules,
                new WriterEvents());
        writer = next;
        widthCheckedMs = timers.nowMs();
        if (tail.isEmpty()) {
            nextOffset = highWatermark;
        }
        appendSnapshot(next, highWatermark);
        snapshots.begun(next.sentEntries());
        for (SentEntry entry : tail) {
            if (entry.isSnapshot()) {
                entry.payload().release();
            } else {
                snapshots.appended(entry.header().length());
                next.resend(entry, timers.nowMs());
            }
        }
    }

    private void appendSnapshot(SegmentWriter to, long offset) {
        snapshots.written(to.appendSnapshot(offset, timers.nowMs(), timers.wallClockMs(), listener.snapshot(offset)));
    }

    private final class WriterEvents implements SegmentWriter.Events {

        @Override
        public void confirmed(SentEntry last) {
            SegmentWriter current = writer;
            if (current == null || phase == Phase.OVER) {
                return;
            }
            highWatermark = current.confirmedEndOffset();
            rollBackoffMs = 0;
            long segment = current.segment().number();
            if (snapshots.confirmed(segment, current.confirmed())) {
                unlistEmpty(segment);
            }
            listener.confirmed(
                    highWatermark, last.header().segment(), last.header().entry());
        }

        @Override
        public void replicaGivenUp(DiskId disk, String why) {
            SegmentWriter current = writer;
            if (current == null || !isOpen()) {
                return;
            }
            LOG.warn("Segment {}: going on without disk {}: {}", current.id(), disk, why);
            backoff.failed(disk, timers.nowMs());
            rollForWidth(current, current.givenUp());
        }

        @Override
        public void fenced(DiskId disk) {
            LOG.info("Partition {}: disk {} has fenced epoch {}", partition, disk, epoch());
            resign(Resignation.FENCED);
        }
    }

    private void unlistEmpty(long below) {
        boolean some = chain.state().segments().stream()
                .anyMatch(segment ->
                        segment.number() < below && segment instanceof ChainSegment.Closed closed && closed.isEmpty());
        if (some) {
            chain.submit(
                    current -> {
                        PartitionState without = current.withoutEmptyBelow(below);
                        return without.equals(current) ? null : without;
                    },
                    result -> {});
        }
    }

    /** Rolls where an ensemble without the disks that failed is wider than what is left of this one. */
    private void rollForWidth(SegmentWriter current, Set<DiskId> failed) {
        widthCheckedMs = timers.nowMs();
        int left = current.liveReplicas();
        long better = placement.choose(current.segment().quorum().write(), failed).stream()
                .filter(disk -> !failed.contains(disk))
                .count();
        if (better > left || !current.canConfirm()) {
            roll("only " + left + " of its disks are left", false);
        }
    }

    /** Rule 9. What is appended from now on waits for the next segment. */
    private void roll(String why, boolean despiteRoom) {
        SegmentWriter current = writer;
        if (phase != Phase.OPEN || current == null) {
            return;
        }
        phase = Phase.ROLLING;
        LOG.info("Segment {} rolls at offset {}: {}", current.id(), highWatermark, why);
        long delayMs = rollBackoffMs;
        rollBackoffMs = Math.min(LONGEST_ROLL_BACKOFF_MS, Math.max(FIRST_ROLL_BACKOFF_MS, rollBackoffMs * 2));
        Roll next = new Roll(current, nextSegment, timers, new RollEvents(), despiteRoom);
        roll = next;
        next.start(delayMs);
    }

    private final class RollEvents implements Roll.Events {

        @Override
        public boolean mayRoll() {
            if (phase == Phase.RELEASING) {
                releaseWhenConfirmed(0);
            }
            return phase == Phase.ROLLING;
        }

        @Override
        public Set<DiskId> resting() {
            return backoff.resting(timers.nowMs());
        }

        @Override
        public void registered(SegmentWriter closed) {
            if (phase == Phase.OVER) {
                return;
            }
            startSegment(closed.takeUnconfirmed());
            if (phase == Phase.RELEASING) {
                releaseWhenConfirmed(timers.nowMs() + RELEASE_PATIENCE_MS);
            } else if (phase == Phase.ROLLING) {
                phase = Phase.OPEN;
            }
            probe.segmentChanged();
        }
    }

    private void releaseWhenConfirmed(long deadlineMs) {
        SegmentWriter current = writer;
        if (phase != Phase.RELEASING || current == null) {
            return;
        }
        if (highWatermark < nextOffset && timers.nowMs() < deadlineMs) {
            timers.schedule(5, () -> releaseWhenConfirmed(deadlineMs));
            return;
        }
        current.freeze();
        releaseSent = true;
        chain.submit(
                known -> known.last().orElseThrow() instanceof ChainSegment.Open
                        ? Roll.close(known, current).released()
                        : known.released(),
                result -> {
                    if (result == UpdateResult.DONE) {
                        resign(Resignation.RELEASED);
                    }
                });
    }

    private void schedule() {
        tick = timers.schedule(TICK_MS, this::tick);
    }

    private void tick() {
        SegmentWriter current = writer;
        if (phase == Phase.OVER || current == null) {
            return;
        }
        if (phase == Phase.OPEN) {
            current.checkReplicas(timers.nowMs());
        }
        if (phase == Phase.OPEN) {
            long ageMs = timers.wallClockMs() - current.segment().createdMs();
            boolean narrow =
                    current.liveReplicas() < nextSegment.settings().quorum().write();
            if (current.batchBytes() > 0 && ageMs >= nextSegment.settings().rollAgeMs(listed())) {
                roll("it is " + ageMs / 1000 + " s old", true);
            } else if (narrow && timers.nowMs() - widthCheckedMs >= WIDTH_CHECK_MS) {
                rollForWidth(current, backoff.resting(timers.nowMs()));
            }
        }
        schedule();
    }

    private int listed() {
        return chain.state().segments().size();
    }

    private void require(Phase expected) {
        if (phase != expected) {
            throw new IllegalStateException("partition " + partition + " is " + phase + ", not " + expected);
        }
    }

    private void resign(Resignation why) {
        if (phase == Phase.OVER) {
            return;
        }
        phase = Phase.OVER;
        if (tick != null) {
            tick.cancel();
        }
        takeover.stop();
        SegmentWriter current = writer;
        if (current != null) {
            writer = null;
            current.freeze();
            current.takeUnconfirmed().forEach(entry -> entry.payload().release());
        }
        chain.close();
        probe.close();
        listener.resigned(why);
    }
}
