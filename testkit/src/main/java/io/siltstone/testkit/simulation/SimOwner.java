package io.siltstone.testkit.simulation;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.siltstone.log.EntryHeader;
import io.siltstone.log.PartitionId;
import io.siltstone.log.SegmentId;
import io.siltstone.log.chain.ChainStore;
import io.siltstone.log.chain.Owner;
import io.siltstone.log.chain.PartitionState;
import io.siltstone.log.writer.LogRules;
import io.siltstone.log.writer.LogSettings;
import io.siltstone.log.writer.PartitionLog;
import io.siltstone.log.writer.Placement;
import io.siltstone.log.writer.Replicas;
import io.siltstone.log.writer.Resignation;
import io.siltstone.log.writer.Timers;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * One incarnation of an ingest node as far as one partition goes: the production log, and a state that knows each
 * batch's offset, so that a batch that is sent twice is appended once.
 */
final class SimOwner implements PartitionLog.Listener {

    private final String name;
    private final World world;
    private final History history;
    private final PartitionLog log;
    private final Lifetime life;

    /** Batch id to offset: of everything appended, confirmed or not. */
    private final Map<Integer, Long> appended = new TreeMap<>();

    /** The same by offset. */
    private final TreeMap<Long, Integer> byOffset = new TreeMap<>();

    private boolean opened;
    private boolean released;
    private boolean resigned;

    SimOwner(
            String name,
            World world,
            Lifetime life,
            History history,
            PartitionId partition,
            Owner self,
            Supplier<LogSettings> settings,
            ChainStore chains,
            Replicas replicas,
            Timers timers,
            Placement placement,
            LogRules rules) {
        this.name = name;
        this.world = world;
        this.life = life;
        this.history = history;
        log = new PartitionLog(partition, self, settings, chains, replicas, timers, placement, rules, this);
    }

    PartitionLog log() {
        return log;
    }

    Lifetime life() {
        return life;
    }

    boolean isServing() {
        return opened && log.isOpen() && !life.hasEnded();
    }

    boolean hasResigned() {
        return resigned;
    }

    @Override
    public String toString() {
        return name;
    }

    /** Whether the batch is acknowledged. */
    boolean hasConfirmed(int id) {
        Long offset = appended.get(id);
        return offset != null && offset < log.highWatermark();
    }

    void release() {
        released = true;
        log.release();
    }

    /** A client sends a batch, maybe not for the first time. */
    void produce(int id, int fillBytes) {
        Long known = appended.get(id);
        if (known != null) {
            if (known < log.highWatermark()) {
                history.acknowledged(name, known, id);
            }
            return;
        }
        long offset = log.nextOffset();
        appended.put(id, offset);
        byOffset.put(offset, id);
        log.append(Batches.of(id, offset, fillBytes), 1);
    }

    /** A client asks for the latest offset. */
    void askLatest() {
        long promised = history.acknowledgedEnd();
        log.confirmOwnership(isOwner -> {
            if (isOwner) {
                history.toldLatest(name, log.highWatermark(), promised);
            }
        });
    }

    @Override
    public void restore(ByteBuf snapshot) {
        appended.clear();
        byOffset.clear();
        ByteBuf state = snapshot.duplicate();
        while (state.isReadable()) {
            remember(state.readInt(), state.readLong());
        }
    }

    @Override
    public void replay(EntryHeader header, ByteBuf batches) {
        remember(Batches.id(batches), Batches.offset(batches));
    }

    private void remember(int id, long offset) {
        appended.put(id, offset);
        byOffset.put(offset, id);
    }

    @Override
    public void opened(int epoch, long logStart, long endOffset) {
        opened = true;
        world.tell(() -> name + " opens epoch " + epoch + " at offset " + endOffset);
        byOffset.headMap(endOffset).forEach((offset, id) -> history.exposed(name, offset, id));
    }

    @Override
    public ByteBuf snapshot(long offset) {
        ByteBuf state = Unpooled.buffer();
        byOffset.headMap(offset).forEach((at, id) -> state.writeInt(id).writeLong(at));
        return state;
    }

    @Override
    public void confirmed(long highWatermark, SegmentId segment, long lastEntry) {
        world.tell(() -> name + " confirms up to offset " + highWatermark + ", entry " + lastEntry + " of segment "
                + segment.number());
        history.confirmed(name, byOffset.headMap(highWatermark));
    }

    @Override
    public void stateChanged(PartitionState state) {
        // As tiering does: another change is asked for while this one is being told.
        log.update(
                current -> current.logStart() == 0 && world.chance(0.05) ? current.withLogStart(0) : null,
                result -> {});
    }

    @Override
    public void resigned(Resignation why) {
        world.tell(() -> name + " resigns: " + why);
        opened = false;
        resigned = true;
        if (why == Resignation.CLOSED && !released) {
            throw new Violation("an assertion of the core", name + " ends by itself: it cannot make a change");
        }
    }
}
