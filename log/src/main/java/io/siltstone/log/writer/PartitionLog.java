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
import io.siltstone.log.chain.SegmentEnd;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
    private static final long PLACEMENT_RETRY_MS = 200;
    private static final long RELEASE_PATIENCE_MS = 3_000;
    private static final long SNAPSHOT_EVERY_BYTES = 8 << 20;
    private static final int SNAPSHOT_EVERY_SIZES = 8;
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
    private final Supplier<LogSettings> settingsSource;
    private final Replicas replicas;
    private final Timers timers;
    private final Placement placement;
    private final LogRules rules;
    private final Listener listener;
    private final OwnedChain chain;
    private final OwnershipProbe probe;
    private final DiskBackoff backoff = new DiskBackoff();

    private Phase phase = Phase.NEW;
    private @Nullable Recovery recovery;
    private @Nullable Restoration restoration;
    private @Nullable SegmentWriter writer;
    private Timers.@Nullable Timer tick;
    private LogSettings settings;
    private long nextOffset;
    private long highWatermark;
    private long bytesSinceSnapshot;
    private long snapshotBytes;
    private long firstSnapshotEntries;
    private long snapshotConfirmedIn = -1;
    private long widthCheckedMs;
    private long rollBackoffMs;
    private boolean rollSent;

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
        this.settingsSource = settings;
        this.replicas = replicas;
        this.timers = timers;
        this.placement = placement;
        this.rules = rules;
        this.listener = listener;
        this.settings = settings.get();
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
        probe = new OwnershipProbe(() -> writer, () -> !rollSent, replicas, timers, () -> resign(Resignation.FENCED));
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
        chain.claim(this::recoverLast);
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
        return snapshotConfirmedIn;
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
        if (phase == Phase.OPEN
                && bytesSinceSnapshot >= Math.max(SNAPSHOT_EVERY_BYTES, SNAPSHOT_EVERY_SIZES * snapshotBytes)) {
            appendSnapshot(current, nextOffset);
        }
        int length = batches.readableBytes();
        BatchTimestamps timestamps = BatchTimestamps.of(batches);
        long baseOffset = nextOffset;
        nextOffset += offsetCount;
        bytesSinceSnapshot += length;
        current.appendBatches(baseOffset, offsetCount, timers.nowMs(), timers.wallClockMs(), timestamps, batches);
        if (phase == Phase.OPEN && current.batchBytes() >= settings.rollBytes(listed())) {
            roll("it is full");
        }
    }

    /** Closes the open segment where it holds a batch, so that it can be tiered. */
    public void seal() {
        SegmentWriter current = writer;
        if (phase == Phase.OPEN && current != null && current.batchBytes() > 0) {
            roll("sealing was asked for");
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

    private void recoverLast() {
        phase = Phase.RECOVERING;
        Optional<ChainSegment> last = chain.state().last();
        if (last.isEmpty() || last.get() instanceof ChainSegment.Closed) {
            restore(null);
            return;
        }
        ChainSegment segment = last.get();
        recovery = new Recovery(id(segment), segment, chain.epoch(), replicas, placement, timers, rules, this::restore);
        recovery.start();
    }

    private void restore(Recovery.@Nullable Outcome recovered) {
        recovery = null;
        List<Restoration.Source> sources = new ArrayList<>();
        for (ChainSegment segment : chain.state().segments()) {
            if (segment instanceof ChainSegment.Closed closed) {
                sources.add(
                        0,
                        new Restoration.Source(
                                id(segment), closed.end().lastEntry(), closed.isEmpty(), closed.replicas()));
            } else if (recovered != null) {
                boolean empty = recovered.endOffset() == segment.baseOffset();
                sources.add(0, new Restoration.Source(id(segment), recovered.lastEntry(), empty, recovered.full()));
            }
        }
        restoration = new Restoration(sources, !isTrimmed(), placement, replicas, timers, new Restoration.Events() {
            @Override
            public void restore(ByteBuf state) {
                listener.restore(state);
            }

            @Override
            public void replay(EntryHeader header, ByteBuf batches) {
                listener.replay(header, batches);
            }

            @Override
            public void restored(@Nullable SegmentId from, BatchTimestamps timestamps) {
                restoration = null;
                phase = Phase.OPENING;
                open(recovered, from, timestamps);
            }
        });
        restoration.start();
    }

    /** Rule 8, and the registering that rule 5 asks for, in one compare-and-set, since both are in one znode. */
    private void open(Recovery.@Nullable Outcome recovered, @Nullable SegmentId from, BatchTimestamps timestamps) {
        if (phase != Phase.OPENING) {
            return;
        }
        PartitionState known = chain.state();
        if (from == null && isTrimmed()) {
            LOG.error("Partition {}: no segment holds a complete snapshot of its state; trying again", partition);
            timers.schedule(PLACEMENT_RETRY_MS, this::recoverAgain);
            return;
        }
        settings = settingsSource.get();
        List<DiskId> ensemble = placement.choose(settings.quorum().write(), Set.of());
        if (ensemble.size() < settings.quorum().ack()) {
            timers.schedule(PLACEMENT_RETRY_MS, () -> open(recovered, from, timestamps));
            return;
        }
        long number = known.nextSegment();
        chain.submitClose(
                current -> {
                    if (current.nextSegment() > number) {
                        return null;
                    }
                    PartitionState closed =
                            recovered == null ? current : closeRecovered(current, recovered, from, timestamps);
                    return closed.withRegistered(newSegment(number, closed.closedEndOffset(), ensemble));
                },
                result -> {
                    if (result == UpdateResult.DONE && phase == Phase.OPENING) {
                        startSegment(List.of());
                        phase = Phase.OPEN;
                        schedule();
                        listener.opened(epoch(), chain.state().logStart(), highWatermark);
                    }
                });
    }

    /** Segments that held batches may not be listed any more. */
    private boolean isTrimmed() {
        return chain.state().manifest() != null || chain.state().trimBelow() > 0;
    }

    private void recoverAgain() {
        if (phase == Phase.OPENING) {
            recoverLast();
        }
    }

    private PartitionState closeRecovered(
            PartitionState current, Recovery.Outcome recovered, @Nullable SegmentId from, BatchTimestamps timestamps) {
        if (recovered.lastEntry() < 0) {
            return current.withLastUnlisted();
        }
        ChainSegment.Recovering last = (ChainSegment.Recovering) current.last().orElseThrow();
        boolean read = from != null && from.number() == last.number();
        return current.withLastClosed(last.close(
                new SegmentEnd(
                        recovered.lastEntry(),
                        recovered.endOffset(),
                        read ? timestamps.max() : -1,
                        read ? timestamps.offset() : -1),
                recovered.extra()));
    }

    private ChainSegment.Open newSegment(long number, long baseOffset, List<DiskId> ensemble) {
        return new ChainSegment.Open(
                number, baseOffset, chain.epoch(), settings.quorum(), ensemble, timers.wallClockMs());
    }

    /** Begins to write the segment that the znode names as open: the snapshot first, then what an earlier one left. */
    private void startSegment(List<SentEntry> tail) {
        ChainSegment.Open segment = (ChainSegment.Open) chain.state().last().orElseThrow();
        highWatermark = segment.baseOffset();
        SegmentWriter next =
                new SegmentWriter(id(segment), segment, settings, replicas, placement, rules, new WriterEvents());
        writer = next;
        widthCheckedMs = timers.nowMs();
        if (tail.isEmpty()) {
            nextOffset = highWatermark;
        }
        appendSnapshot(next, highWatermark);
        firstSnapshotEntries = next.sentEntries();
        for (SentEntry entry : tail) {
            if (entry.isSnapshot()) {
                entry.payload().release();
            } else {
                bytesSinceSnapshot += entry.header().length();
                next.resend(entry, timers.nowMs());
            }
        }
    }

    private void appendSnapshot(SegmentWriter to, long offset) {
        snapshotBytes = to.appendSnapshot(offset, timers.nowMs(), timers.wallClockMs(), listener.snapshot(offset));
        bytesSinceSnapshot = 0;
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
            boolean firstSnapshot = firstSnapshotEntries > 0 && current.confirmed() >= firstSnapshotEntries - 1;
            if (firstSnapshot) {
                firstSnapshotEntries = 0;
                snapshotConfirmedIn = current.segment().number();
                unlistEmpty(current.segment().number());
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
            roll("only " + left + " of its disks are left");
        }
    }

    /** Rule 9: stop confirming for good, then close and register in one compare-and-set, then resend. */
    private void roll(String why) {
        SegmentWriter current = writer;
        if (phase != Phase.OPEN || current == null) {
            return;
        }
        phase = Phase.ROLLING;
        current.freeze();
        LOG.info("Segment {} rolls at offset {}: {}", current.id(), highWatermark, why);
        long delayMs = rollBackoffMs;
        rollBackoffMs = Math.min(LONGEST_ROLL_BACKOFF_MS, Math.max(FIRST_ROLL_BACKOFF_MS, rollBackoffMs * 2));
        if (delayMs == 0) {
            sendRoll(current);
        } else {
            timers.schedule(delayMs, () -> sendRoll(current));
        }
    }

    private void sendRoll(SegmentWriter current) {
        if (phase == Phase.RELEASING) {
            releaseWhenConfirmed(0);
            return;
        }
        if (phase != Phase.ROLLING) {
            return;
        }
        settings = settingsSource.get();
        List<DiskId> ensemble = placement.choose(settings.quorum().write(), avoided(current));
        if (ensemble.size() < settings.quorum().ack()) {
            timers.schedule(PLACEMENT_RETRY_MS, () -> sendRoll(current));
            return;
        }
        rollSent = true;
        long number = chain.state().nextSegment();
        chain.submit(
                known -> known.nextSegment() > number
                        ? null
                        : closeWritten(known, current)
                                .withRegistered(newSegment(number, current.confirmedEndOffset(), ensemble)),
                result -> rolled(result, current));
    }

    /** Taken only where there are not enough others. */
    private Set<DiskId> avoided(SegmentWriter current) {
        Set<DiskId> avoided = new HashSet<>(backoff.resting(timers.nowMs()));
        avoided.addAll(current.givenUp());
        return avoided;
    }

    private PartitionState closeWritten(PartitionState known, SegmentWriter current) {
        if (current.confirmed() < 0) {
            return known.withLastUnlisted();
        }
        BatchTimestamps timestamps = current.confirmedTimestamps();
        return known.withLastClosed(((ChainSegment.Open) known.last().orElseThrow())
                .close(new SegmentEnd(
                        current.confirmed(), current.confirmedEndOffset(), timestamps.max(), timestamps.offset())));
    }

    private void rolled(UpdateResult result, SegmentWriter from) {
        rollSent = false;
        if (result != UpdateResult.DONE || phase == Phase.OVER) {
            return;
        }
        startSegment(from.takeUnconfirmed());
        if (phase == Phase.RELEASING) {
            releaseWhenConfirmed(timers.nowMs() + RELEASE_PATIENCE_MS);
        } else if (phase == Phase.ROLLING) {
            phase = Phase.OPEN;
        }
        probe.segmentChanged();
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
        rollSent = true;
        chain.submit(
                known -> known.last().orElseThrow() instanceof ChainSegment.Open
                        ? closeWritten(known, current).released()
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
            boolean narrow = current.liveReplicas() < settings.quorum().write();
            if (current.batchBytes() > 0 && ageMs >= settings.rollAgeMs(listed())) {
                roll("it is " + ageMs / 1000 + " s old");
            } else if (narrow && timers.nowMs() - widthCheckedMs >= WIDTH_CHECK_MS) {
                rollForWidth(current, backoff.resting(timers.nowMs()));
            }
        }
        schedule();
    }

    private int listed() {
        return chain.state().segments().size();
    }

    private SegmentId id(ChainSegment segment) {
        return new SegmentId(partition, segment.number());
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
        if (recovery != null) {
            recovery.stop();
        }
        if (restoration != null) {
            restoration.stop();
        }
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
